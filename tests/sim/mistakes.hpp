#pragma once

#include "presence/mistake.hpp"
#include "protocol/mistake.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace hearth::sim {

using protocol::made;
using protocol::Mistake;

/// Mistakes in what the store does and in how a broker speaks with it.
enum class StoreMistake : std::uint8_t {
  none,
  epochs_counted,
  new_process_unnoticed,
  key_not_looked_up,
  resent_not_recognised,
  resent_with_new_number,
  order_not_compared,
  acked_before_appended,
  lost_append_not_resent,
  rollback_not_compared,
  promotion_not_compared,
  restarts_taken_for_flapping,
};

inline thread_local StoreMistake store_mistake = StoreMistake::none;
inline bool made(StoreMistake which) noexcept { return store_mistake == which; }

/// One that can be asked for by name.
struct NamedMistake {
  std::string_view name;
  std::string_view what;
  Mistake machine = Mistake::none;
  StoreMistake store = StoreMistake::none;
  presence::Mistake presence = presence::Mistake::none;
  bool is_of_presence = presence != presence::Mistake::none;  ///< to be found in the world of presence
};

/// All that the simulation has to find.
std::span<const NamedMistake> mistakes() noexcept;

#if defined(HEARTH_MISTAKES)
/// Makes a mistake in this thread for as long as it lives.
class Making {
 public:
  explicit Making(const NamedMistake& mistake) noexcept {
    protocol::mistake = mistake.machine;
    store_mistake = mistake.store;
    presence::mistake = mistake.presence;
  }
  ~Making() {
    protocol::mistake = Mistake::none;
    store_mistake = StoreMistake::none;
    presence::mistake = presence::Mistake::none;
  }
  Making(const Making&) = delete;
  Making& operator=(const Making&) = delete;
};
#endif

}  // namespace hearth::sim
