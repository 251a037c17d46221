#pragma once

#include "guard/guarded.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace hearth::tls {

/// A key that session tickets are encrypted with (RFC 5077, 4). Wiped when it goes.
struct TicketKey {
  static constexpr std::size_t kNameLength = 16;
  std::array<unsigned char, kNameLength> name{};
  std::array<unsigned char, 32> cipher{};
  std::array<unsigned char, 32> mac{};

  TicketKey() = default;
  TicketKey(const TicketKey&) = default;
  TicketKey& operator=(const TicketKey&) = default;
  ~TicketKey();
};

/// The keys of session tickets, which no certificate and no file is behind: made by chance, replaced hourly, and gone
/// an hour after that, so that what was recorded cannot be opened later. From any thread.
class TicketKeys {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kRotation{3600};

  explicit TicketKeys(Clock::time_point (*clock)() noexcept = &Clock::now) : clock_(clock) {}
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;

  /// The one for new tickets; nothing if there is no randomness.
  std::optional<TicketKey> current();
  struct Found {
    TicketKey key;
    bool is_current;  ///< otherwise it is the one before, and the ticket is to be replaced
  };
  /// The one that a ticket names.
  std::optional<Found> find(std::span<const unsigned char, TicketKey::kNameLength> name);

 private:
  struct Keys {
    std::optional<TicketKey> current;
    std::optional<TicketKey> previous;
    Clock::time_point born{};  // current
    void rotate(Clock::time_point now);
  };

  Clock::time_point (*const clock_)() noexcept;
  Guarded<Keys> keys_;
};

}  // namespace hearth::tls
