#include "redis/cluster_map.hpp"

#include "log/quoted.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <utility>

namespace hearth::redis {

void ClusterMap::start() {
  if (!std::exchange(started_, true)) link_.start();
}

void ClusterMap::stop() {
  pause_.cancel();
  link_.stop();
}

void ClusterMap::moved(std::uint16_t slot, const RedisEndpoint& master) {
  doubt();
  const auto now = table_.master(slot);
  if (now && table_.masters()[*now] == master) return;
  table_.assign(slot, slot, master);
  tell(true);
}

void ClusterMap::doubt() {
  if (asked_ > 0 || !link_.is_up() || std::exchange(pausing_, true)) return;
  pause_.expires_after(kPause);
  pause_.async_wait([this](const boost::system::error_code& error) {
    pausing_ = false;
    if (error || !link_.is_up()) return;
    if (++doubts_ < kMostDoubts) return ask();
    leaving_ = true;
    link_.fail("another node of the Cluster is asked");
  });
}

void ClusterMap::ask() {
  link_.send(RespCommand::of({"CLUSTER", "SLOTS"}).bytes());
  ++asked_;
}

void ClusterMap::link_ping() {
  doubts_ = 0;
  ask();
}

void ClusterMap::link_down(const std::string& reason) {
  asked_ = 0;
  doubts_ = 0;
  if (std::exchange(leaving_, false)) return;
  for (const Events& listener : listeners_) {
    if (listener.down) listener.down(reason);
  }
}

void ClusterMap::link_reply(const RespReply& reply) {
  if (asked_ > 0) --asked_;
  if (reply.is_error()) return link_.fail("CLUSTER SLOTS was refused: " + log::quoted(reply.text()));
  auto table = read_slot_table(reply, link_.endpoint().host);
  if (!table) return link_.fail("the node knows no masters of the Cluster");
  const bool is_another = !std::exchange(known_, true) || *table != table_;
  table_ = *std::move(table);
  tell(is_another);
}

void ClusterMap::tell(bool is_another) {
  for (const Events& listener : listeners_) {
    if (listener.told) listener.told(is_another);
  }
}

std::unique_ptr<ClusterMap> make_cluster_map(const boost::asio::any_io_executor& executor, const RedisOptions& options,
                                             Tls* tls) {
  if (options.topology != RedisTopology::cluster) return nullptr;
  return std::make_unique<ClusterMap>(executor, options, tls);
}

}  // namespace hearth::redis
