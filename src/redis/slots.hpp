#pragma once

#include "hearth/redis_options.hpp"
#include "redis/resp.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// How a Redis Cluster spreads keys over its masters: by slots.
namespace hearth::redis {

inline constexpr std::uint16_t kSlots = 16'384;

/// The slot of a key: by what stands in its first braces, if anything does.
std::uint16_t slot_of(std::string_view key) noexcept;

/// What a node answers when it is not the one to ask.
struct Redirect {
  enum class Kind : std::uint8_t {
    moved,  ///< another is the slot's master
    ask,    ///< it gives the slot to another, which has this already
    later,  ///< nobody can be asked now: half of it has been given away, or the Cluster is down
  };
  Kind kind = Kind::later;
  std::uint16_t slot = 0;  ///< unless `later`
  RedisEndpoint to{};      ///< as well
};

/// Nothing if it is another error. `host`: of the node that says it, which some leave out.
std::optional<Redirect> read_redirect(std::string_view error, const std::string& host);

/// Who is the master of which slot.
class SlotTable {
 public:
  SlotTable() : of_slot_(kSlots, kNone) {}

  /// Those that have slots, or had some when they were told.
  const std::vector<RedisEndpoint>& masters() const noexcept { return masters_; }
  /// Which of them has a slot; nothing if nobody does.
  std::optional<std::size_t> master(std::uint16_t slot) const noexcept {
    const std::uint16_t at = of_slot_[slot];
    return at == kNone ? std::nullopt : std::optional<std::size_t>(at);
  }
  void assign(std::uint16_t first, std::uint16_t last, const RedisEndpoint& master);

  bool operator==(const SlotTable&) const = default;

 private:
  static constexpr std::uint16_t kNone = 0xFFFF;

  std::vector<RedisEndpoint> masters_;
  std::vector<std::uint16_t> of_slot_;
};

/// From the reply to CLUSTER SLOTS; nothing if it is none, or names no master that can be connected to. `host`: as
/// above.
std::optional<SlotTable> read_slot_table(const RespReply& slots, const std::string& host);

}  // namespace hearth::redis
