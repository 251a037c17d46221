#pragma once

#include "hearth/publication.hpp"
#include "protocol/name_hash.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace hearth::history {

/// The newest publication of each key, for members that are to get no more than that.
class Latest {
 public:
  static constexpr std::size_t kMostKeys = 1024;  ///< past that, the one goes that has been silent longest

  /// One newer than all before.
  void keep(const PublicationPtr& publication) {
    const std::uint64_t offset = publication->position().offset;
    const auto [key, is_new] = offsets_.try_emplace(std::string(publication->key()), offset);
    if (!is_new) by_offset_.erase(std::exchange(key->second, offset));
    by_offset_.emplace(offset, publication);
    if (by_offset_.size() <= kMostKeys) return;
    offsets_.erase(std::string(by_offset_.begin()->second->key()));
    by_offset_.erase(by_offset_.begin());
  }

  /// Those after an offset, in order.
  std::vector<PublicationPtr> after(std::uint64_t offset) const {
    std::vector<PublicationPtr> found;
    for (auto at = by_offset_.upper_bound(offset); at != by_offset_.end(); ++at) found.push_back(at->second);
    return found;
  }

 private:
  std::map<std::uint64_t, PublicationPtr> by_offset_;
  boost::unordered_flat_map<std::string, std::uint64_t, protocol::NameHash, std::equal_to<>> offsets_;
};

}  // namespace hearth::history
