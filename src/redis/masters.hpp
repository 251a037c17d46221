#pragma once

#include "hearth/redis_options.hpp"
#include "redis/cluster_map.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hearth::redis {

/// The servers that keys are asked of, and a link to each: the only one, or the masters of a Cluster, as its map says.
/// Of a link it wants `start`, `stop`, `fail`, `endpoint`, and whether it `is_up`, `is_away` (cannot be reached, and
/// did not just begin to try), `is_stopped`, `is_over` (may be destroyed). For one thread.
template <class Server>
class Masters {
 public:
  /// Makes a link with the options of one server. `takes_over`: another one has had before what it has.
  using Make = std::function<std::unique_ptr<Server>(RedisOptions options, bool takes_over)>;
  using IsUsed = std::function<bool(const Server&)>;

  /// `map`: null if there is no Cluster.
  Masters(const RedisOptions& options, ClusterMap* map, Make make)
      : options_(options), map_(map), make_(std::move(make)) {
    if (map_ != nullptr) return;
    links_.push_back(make_(options_, false));
    masters_.push_back(links_.front().get());
  }

  void start() { map_ != nullptr ? map_->start() : links_.front()->start(); }
  void stop() {
    for (const auto& link : links_) link->stop();
  }
  void fail(const std::string& reason) {
    for (const auto& link : links_) link->fail(reason);
  }

  /// Who the masters are is in the map. Links to those that are none any more go, unless they are used.
  void take(const IsUsed& is_used) {
    // Whoever comes to be one has what another had, and perhaps not all of it.
    const bool takes_over = !masters_.empty();
    std::vector<Server*> masters;
    for (const RedisEndpoint& master : map_->table().masters()) masters.push_back(&link_to(master, takes_over));
    masters.swap(masters_);
    for (Server* before : masters) {
      // It may have stopped, and never answer what it was asked.
      if (!is_master(*before) && is_used(*before)) before->fail("it is no master of the Cluster any more");
    }
    std::erase_if(links_, [](const auto& link) { return link->is_over(); });
    for (const auto& link : links_) {
      if (!link->is_stopped() && !is_master(*link) && !is_used(*link)) link->stop();
    }
  }

  /// Null if nobody is known to have the slot.
  Server* of(std::uint16_t slot) const {
    if (map_ == nullptr) return masters_.front();
    const auto master = map_->table().master(slot);
    return master && *master < masters_.size() ? masters_[*master] : nullptr;
  }
  /// Where a node of the Cluster says that something is.
  Server& node(const RedisEndpoint& endpoint) { return link_to(endpoint, true); }
  bool is_master(const Server& link) const {
    return std::find(masters_.begin(), masters_.end(), &link) != masters_.end();
  }
  /// What is in the slot cannot be asked for.
  bool is_away(std::uint16_t slot) const {
    if (map_ == nullptr) return false;
    const Server* const link = of(slot);
    return link != nullptr ? link->is_away() : map_->is_known();
  }

  const std::vector<std::unique_ptr<Server>>& links() const noexcept { return links_; }
  bool all_up() const {
    return !masters_.empty() &&
           std::all_of(masters_.begin(), masters_.end(), [](const Server* link) { return link->is_up(); });
  }
  /// All are up, or some, and the others are known to be away.
  bool serve() const {
    const auto is_known = [](const Server* link) { return link->is_up() || link->is_away(); };
    return any_up() && std::all_of(masters_.begin(), masters_.end(), is_known);
  }
  bool any_up() const {
    return std::any_of(links_.begin(), links_.end(), [](const auto& link) { return link->is_up(); });
  }
  bool any_away() const {
    return std::any_of(masters_.begin(), masters_.end(), [](const Server* link) { return link->is_away(); });
  }

 private:
  Server& link_to(const RedisEndpoint& server, bool takes_over) {
    for (const auto& link : links_) {
      if (link->endpoint() == server && !link->is_stopped()) return *link;
    }
    RedisOptions options = options_;
    options.topology = RedisTopology::single;
    options.endpoints = {server};
    links_.push_back(make_(std::move(options), takes_over));
    Server& link = *links_.back();
    link.start();
    return link;
  }

  const RedisOptions& options_;
  ClusterMap* const map_;
  const Make make_;
  std::vector<std::unique_ptr<Server>> links_;
  std::vector<Server*> masters_;  // as in the map, or the only one
};

}  // namespace hearth::redis
