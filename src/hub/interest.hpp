#pragma once

#include "hearth/broker.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::hub {

/// Which addresses have come to have somebody on a shard, and which have nobody any more, since the broker was told
/// last. The shard's alone.
class Interest {
 public:
  using Kind = BrokerAddress::Kind;

  void begin(Kind kind, std::string_view name) { begun_.push_back({kind, std::string(name)}); }
  void end(Kind kind, std::string_view name) { ended_.push_back({kind, std::string(name)}); }

  /// Tells `use(std::span<const BrokerAddress>)` what has begun, or ended, unless it is nothing.
  template <class Use>
  void take_begun(Use use) {
    take(begun_, use);
  }
  template <class Use>
  void take_ended(Use use) {
    take(ended_, use);
  }

 private:
  struct Named {
    Kind kind;
    std::string name;
  };

  template <class Use>
  static void take(std::vector<Named>& list, Use use) {
    if (list.empty()) return;
    const std::vector<Named> taken = std::exchange(list, {});
    std::vector<BrokerAddress> addresses;
    addresses.reserve(taken.size());
    for (const Named& named : taken) addresses.push_back({named.kind, named.name});
    use(std::span<const BrokerAddress>(addresses));
  }

  std::vector<Named> begun_;
  std::vector<Named> ended_;
};

}  // namespace hearth::hub
