#pragma once

#include "hearth/export.hpp"
#include "hearth/json.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// Names a branch of a room's log: 48 random bits, which clients see as 8 characters of base64url and must not read
/// anything into. Random and not counted: two copies of a log that go on separately would count to the same number.
struct HEARTH_API Epoch {
  std::uint64_t bits = 0;  ///< 0: none

  static constexpr std::size_t kTextSize = 8;

  /// Nothing if it is not eight characters of the alphabet.
  static std::optional<Epoch> parse(std::string_view text) noexcept;
  std::string str() const;

  constexpr explicit operator bool() const noexcept { return bits != 0; }
  auto operator<=>(const Epoch&) const = default;
};

/// A place in a room's log: of a publication, or of somebody who has all up to it. Offsets begin at 1 and rise by 1;
/// 0 is before the first.
struct Position {
  Epoch epoch{};
  std::uint64_t offset = 0;

  /// The greatest offset that JavaScript's numbers tell from the next.
  static constexpr std::uint64_t kMostOffset = (std::uint64_t{1} << 53) - 1;

  auto operator<=>(const Position&) const = default;
};

/// A message to a room that remembers. A view: good for as long as the call that it is an argument of.
struct Publication {
  std::string_view room{};
  Position position{};  ///< given by the log
  std::string_view event{};
  JsonView data{};
  JsonView from{};                         ///< a JSON object: the client that published it, if one did
  std::string_view key{};                  ///< what the slow-consumer policy `latest` keeps the newest of
  std::span<const std::string> exclude{};  ///< client ids that are not sent it
  std::int64_t time_ms = 0;                ///< since 1970, when it was published; 0: now
};

/// A publication as a process keeps it and as clients are sent it: encoded once, shared by all, never changed.
class HEARTH_API StoredPublication {
 public:
  explicit StoredPublication(const Publication& publication);

  const Position& position() const noexcept { return position_; }
  std::int64_t time_ms() const noexcept { return time_ms_; }

  /// `{"event":…,"data":…,"from":…,"room":…,"offset":…}`: what members get who asked for positions (docs/recovery.md).
  std::string_view text() const noexcept { return view(0, text_size_); }
  /// The beginning of `text` that with `}` behind it is what all other members get.
  std::string_view plain() const noexcept { return view(0, plain_size_); }

  std::string_view event_json() const noexcept { return view(kEventBegin, event_json_size_); }
  JsonView data() const noexcept { return JsonView::trusted(view(data_begin_, data_size_)); }
  JsonView from() const noexcept { return JsonView::trusted(view(plain_size_ - from_size_, from_size_)); }

  std::string_view room() const noexcept { return view(text_size_, room_size_); }
  std::string_view event() const noexcept { return view(text_size_ + room_size_, event_size_); }
  std::string_view key() const noexcept { return view(text_size_ + room_size_ + event_size_, key_size_); }
  std::span<const std::string> exclude() const noexcept { return exclude_; }
  bool excludes(std::string_view client_id) const noexcept;

  /// Good for as long as this object.
  Publication publication() const noexcept;
  /// Bytes of memory that it takes, about.
  std::size_t footprint() const noexcept { return sizeof *this + text_.capacity(); }

 private:
  static constexpr std::size_t kEventBegin = std::string_view(R"({"event":)").size();

  std::string_view view(std::size_t begin, std::size_t size) const noexcept { return {text_.data() + begin, size}; }

  std::string text_;  // the JSON, then room, event and key without quotes: one piece of memory
  std::vector<std::string> exclude_;
  Position position_;
  std::int64_t time_ms_;
  std::size_t text_size_ = 0;
  std::size_t plain_size_ = 0;
  std::size_t data_begin_ = 0;
  std::uint32_t data_size_ = 0;
  std::uint32_t from_size_ = 0;
  std::uint32_t event_json_size_ = 0;
  std::uint32_t room_size_ = 0;
  std::uint32_t event_size_ = 0;
  std::uint32_t key_size_ = 0;
};

using PublicationPtr = std::shared_ptr<const StoredPublication>;

}  // namespace hearth
