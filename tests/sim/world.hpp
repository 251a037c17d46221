#pragma once

#include "history/checker/record.hpp"
#include "sim/client.hpp"
#include "sim/event_queue.hpp"
#include "sim/link.hpp"
#include "sim/node.hpp"
#include "sim/plan.hpp"
#include "sim/random.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace hearth::sim {

using test::FaultKind;
using test::Record;
using test::RecordKind;
using test::Records;

/// Nodes, clients and a store under simulated time, in one thread. What happens depends on the plan alone.
class World {
 public:
  explicit World(const Plan& plan);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// To the end. What everybody has written down.
  const Records& run();

  // for its parts:

  Micros now() const noexcept { return now_; }
  history::Moment moment() const noexcept;
  const Plan& plan() const noexcept { return plan_; }
  void record(Record record) {
    record.at = now_;
    records_.list.push_back(record);
  }
  void record_fault(FaultKind kind, std::uint32_t room = 0, std::uint32_t who = 0);
  Link& link(std::uint32_t node, bool subscribing) { return links_[2 * node + (subscribing ? 1 : 0)]; }
  void send(Link& link, Request request);
  void close(Link& link);
  void mail_waits(Node& node, Shard& shard);
  void channel_lingers(Node& node, std::uint32_t room);
  /// Puts something into a client's socket.
  void deliver(Connection& connection, Item item);
  /// A plain member is sent what does not come after what it was sent before.
  void note_disorder() noexcept { ++disorder_; }
  void answer_publisher(const Draft& draft, const Node& node, const Result<Appended>& result);
  Retention retention(std::uint32_t room) const;

 private:
  enum class Kind : std::uint32_t {
    at_store,         // a: link, b: generation
    at_node,          // a: link, b: generation
    ghost,            // a: index of the request
    connect,          // a: link, b: generation
    link_dead,        // a: link, b: generation
    mail,             // a: node, b: shard, c: id of the node
    linger,           // a: node, b: room, c: id of the node
    tick,             // a: node, c: id of the node
    client_turn,      // a: connection
    client_connects,  // a: client
    client_retries,   // a: client
    publish,
    probe,  // a: room
    stand,
    fault,      // a: index
    fault_end,  // a: index
  };

  void plan_event(Micros at, Kind kind, std::uint32_t a = 0, std::uint32_t b = 0, std::uint32_t c = 0);
  void handle(const Event& event);
  Micros latency();

  // world_links.cpp: what is between nodes and the store
  void at_store(const Event& event);
  void at_node(const Event& event);
  void serve(Link& link, const Request& request);
  void reply(Link& link, Reply reply);
  Logs::Outcome append(Server& server, const Request& request);
  void publish(std::uint32_t server, const PublicationPtr& publication);
  Logs::Context context(const Process& process, std::uint32_t room);
  void connect(const Event& event);
  void connect_later(Link& link);
  void break_off(Link& link);
  void check_dead(const Event& event);
  void release(Link& link);
  Link& link_of(const Event& event) { return links_[event.a]; }
  std::uint32_t index_of(const Link& link) const { return static_cast<std::uint32_t>(&link - links_.data()); }
  bool is_subscribing(const Link& link) const { return index_of(link) % 2 == 1; }

  // world_faults.cpp
  void begin_fault(std::uint32_t index);
  void end_fault(std::uint32_t index);
  void cut(const Fault& fault, int by);
  void kill_node(std::uint32_t node);
  void start_node(std::uint32_t node);
  void kill_server(std::uint32_t server);
  void new_primary(std::optional<std::uint32_t> snapshot, bool lost);
  void replica_takes_over(std::uint32_t index);
  void former_primary_is_back(std::uint32_t index);
  void record_healed(FaultKind kind);

  // world_clients.cpp
  void connect_client(Client& client);
  void disconnect_client(Client& client, Micros away);
  void client_turn(Connection& connection);
  void take_item(Client& client, const Item& item);
  void publish_something(std::optional<std::uint32_t> room);
  void send_unacked(Client& client);

  void record_stands();
  void finish();

  const Plan plan_;
  Stream network_;
  Stream load_;
  EventQueue events_;
  Micros now_ = 0;
  Records records_;
  std::vector<PublicationPtr> publications_;  // all
  std::vector<Server> servers_;
  std::uint32_t primary_ = 0;
  std::uint64_t last_process_ = 0;
  std::uint64_t last_epoch_ = 0;
  std::vector<std::optional<Logs>> snapshots_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> replaced_;  // by fault: the server that was, and is, the primary
  std::vector<Link> links_;
  std::deque<std::pair<Request, std::uint32_t>> ghosts_;  // requests of broken links that come all the same; and server
  std::vector<std::unique_ptr<Node>> nodes_;              // null: not running
  std::uint32_t last_node_ = 0;
  std::deque<Connection> connections_;
  std::vector<Client> clients_;
  std::uint64_t last_key_ = 0;
  std::uint64_t disorder_ = 0;
};

}  // namespace hearth::sim
