#pragma once

#include "broker/log_link.hpp"
#include "redis/masters.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

namespace hearth::broker {

/// The servers that have logs. For one thread.
class LogServers : public redis::Masters<LogLink> {
 public:
  /// `publisher`: outlives it.
  LogServers(const boost::asio::any_io_executor& executor, const RedisOptions& options, redis::Tls* tls,
             redis::ClusterMap* map, std::string_view publisher, LogLink::Owner& owner)
      : Masters(options, map,
                [=, &owner, is_of_cluster = map != nullptr](RedisOptions of_one, bool takes_over) {
                  const LogLink::Settings settings{.publisher = publisher,
                                                   .is_of_cluster = is_of_cluster,
                                                   .takes_over = takes_over,
                                                   .compares_run_ids = of_one.run_id_guard};
                  return std::make_unique<LogLink>(executor, std::move(of_one), tls, settings, owner);
                }),
        is_one_(map == nullptr) {}

  void pump() {
    for (const auto& link : links()) link->pump();
  }
  bool compares_run_ids() const noexcept { return !stopped_comparing_; }
  void stop_comparing() {
    stopped_comparing_ = true;
    for (const auto& link : links()) link->stop_comparing();
  }
  /// There are answers that wait for replicas.
  bool hold() const {
    return std::any_of(links().begin(), links().end(), [](const auto& link) { return link->holds(); });
  }
  /// Of the only one's process.
  std::string_view run_id() const { return is_one_ ? links().front()->run_id() : std::string_view(); }

 private:
  const bool is_one_;
  bool stopped_comparing_ = false;
};

}  // namespace hearth::broker
