#pragma once

#include <cstdint>

namespace hearth::load {

/// What was wrong with what came.
struct Faults {
  std::uint64_t missing = 0;
  std::uint64_t doubled = 0;
  std::uint64_t out_of_order = 0;
  std::uint64_t unexpected = 0;  ///< came to a client that is not in the room

  void add(const Faults& other) noexcept {
    missing += other.missing;
    doubled += other.doubled;
    out_of_order += other.out_of_order;
    unexpected += other.unexpected;
  }
  bool any() const noexcept { return missing + doubled + out_of_order + unexpected != 0; }
};

/// The messages of one stream as one receiver sees them: from the first on, every number has to come once and in order.
class Sequence {
 public:
  /// What is sent from now on, `next` first, has to come; earlier ones may.
  void expect_from(std::uint64_t next) noexcept {
    if (!begun_) next_ = next;
    limit_ = next;
    confirmed_ = true;
  }

  /// Counts what is wrong with this one.
  void receive(std::uint64_t number, Faults& faults) noexcept;

  /// How many of the first `sent` have not come.
  std::uint64_t lacking(std::uint64_t sent) const noexcept { return confirmed_ && sent > next_ ? sent - next_ : 0; }

 private:
  void begin(std::uint64_t number, Faults& faults) noexcept;

  std::uint64_t next_ = 0;
  std::uint64_t limit_ = 0;  ///< the first that must not be missing
  std::uint64_t seen_ = 0;   ///< of the last 64 before next_, which came; the lowest bit is the last
  bool begun_ = false;       ///< one has come
  bool confirmed_ = false;   ///< the server has said that it is a member
};

}  // namespace hearth::load
