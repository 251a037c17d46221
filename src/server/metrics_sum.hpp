#pragma once

#include "hearth/metrics.hpp"
#include "net/loop.hpp"
#include "shard/figures.hpp"

#include <cstdint>
#include <vector>

namespace hearth::server {

/// Adds up what the shards of a server say.
class MetricsSum {
 public:
  MetricsSum();

  void add(const shard::Figures& figures);
  /// What a loop has counted, which speaks TLS or does not.
  void add(const net::Loop& loop, bool speaks_tls);
  /// The sum. Users and rooms that are on several shards count once.
  Metrics take();

 private:
  Metrics sum_;
  std::vector<std::uint64_t> users_;
  std::vector<std::uint64_t> rooms_;
};

}  // namespace hearth::server
