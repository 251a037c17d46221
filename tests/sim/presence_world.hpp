#pragma once

#include "broker/local_presence.hpp"
#include "hearth/room_rule.hpp"
#include "history/checker/record.hpp"
#include "sim/event_queue.hpp"
#include "sim/presence_node.hpp"
#include "sim/presence_plan.hpp"
#include "sim/random.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace hearth::sim {

using test::FaultKind;
using test::Record;
using test::RecordKind;
using test::Records;

/// In the records the application on a node is a client of this number and the node's.
constexpr std::uint32_t kApplications = 1'000'000;

/// Nodes with who is in their rooms, people, and a store between them, under simulated time, in one thread. What
/// happens depends on the plan alone. The store is that of brokers in one process (broker/local_presence.hpp), which
/// the conformance suite holds against Redis.
class PresenceWorld {
 public:
  explicit PresenceWorld(const PresencePlan& plan);
  ~PresenceWorld();
  PresenceWorld(const PresenceWorld&) = delete;
  PresenceWorld& operator=(const PresenceWorld&) = delete;

  /// To the end. What everybody has written down.
  const Records& run();

  // for nodes:

  const PresencePlan& plan() const noexcept { return plan_; }
  presence::TimePoint time() const noexcept;
  void record(Record record) {
    record.at = now_;
    records_.list.push_back(record);
  }
  const std::string& room_name(std::uint32_t room) const { return names_[room]; }
  std::uint32_t room_number(const std::string& name) const;
  const std::shared_ptr<const RoomRule>& rule(std::uint32_t room) const { return rules_[room]; }
  void mail_waits(PresenceNode& node);
  void said_waits(PresenceNode& node);
  void advance_at(PresenceNode& node, presence::TimePoint when);
  void ask(PresenceNode& node, PresenceRequest request);
  void subscribe(PresenceNode& node, const std::string& room, bool is_wanted);

 private:
  enum class Kind : std::uint32_t {
    at_store,   // a: link, b: generation
    at_node,    // a: link, b: generation
    late,       // a: index of the report
    connect,    // a: link, b: generation
    link_dead,  // a: link, b: generation
    local,      // a: node, c: id of the node
    mail,       // a: node, c: id of the node
    said,       // a: node, c: id of the node
    advance,    // a: node, c: id of the node
    ends,       // a: node, c: id of the node
    deed,
    probe,      // a: node
    ask,        // a: node
    fault,      // a: index
    fault_end,  // a: index
  };

  static constexpr Micros kDeadPeer = 2 * kSecond;  // until a node notices that nothing comes any more

  /// A connection of a node's to the store: one asks, one hears what others say. What is sent comes in that order, or
  /// not at all once the connection has broken.
  struct Link {
    bool is_up = false;
    std::uint32_t node = 0;
    bool hears = false;
    bool was_down = false;         // since it was answered last who lives
    std::uint32_t generation = 0;  // what is under way for a former connection finds another number
    std::uint32_t server = 0;
    std::set<std::string> channels{};     // what the store knows of
    std::deque<PresenceRequest> out{};    // on its way
    std::deque<PresenceRequest> asked{};  // and what is not answered
    std::deque<PresenceReply> in{};
    Micros last_out = 0;  // when the last that is under way comes
    Micros last_in = 0;
    int cut_out = 0;  // how many faults cut it now
    int cut_in = 0;
    std::uint32_t held_out = 0;  // messages that wait for the cut to end
    std::uint32_t held_in = 0;
  };
  /// A process of the store.
  struct Server {
    broker::LocalPresence kept{};
    bool alive = true;
    Micros stopped_until = 0;
    Micros refuses_until = 0;
  };
  /// A report of a connection that broke, which comes to its server all the same.
  struct Late {
    PresenceRequest request{};
    std::string instance{};
    std::uint32_t link = 0;
    std::uint32_t server = 0;
  };
  struct Person {
    std::uint32_t user = 0;  // 0: none
    std::uint32_t node = 0;
    std::uint32_t member = 0;  // of this connection; 0: none
  };

  void plan_event(Micros at, Kind kind, std::uint32_t a = 0, std::uint32_t b = 0, std::uint32_t c = 0);
  void handle(const Event& event);
  void handle_of_node(const Event& event);
  Micros latency();
  Micros mail_latency();

  // presence_links.cpp
  Link& link(std::uint32_t node, bool hears) { return links_[2 * node + (hears ? 1 : 0)]; }
  std::uint32_t index_of(const Link& link) const { return static_cast<std::uint32_t>(&link - links_.data()); }
  void send(Link& link, PresenceRequest request);
  void reply(Link& link, PresenceReply reply);
  void tell_locally(PresenceNode& node, PresenceReply reply);
  void at_store(const Event& event);
  void at_node(const Event& event);
  void serve(Link& link, const PresenceRequest& request);
  void write(std::uint32_t server, const std::string& instance, const PresenceRequest& request);
  void late(const Event& event);
  void connect_later(Link& link);
  void connect(const Event& event);
  void check_dead(const Event& event);
  void break_off(Link& link);
  void release(Link& link);

  // presence_faults.cpp
  void begin_fault(std::uint32_t index);
  void end_fault(std::uint32_t index);
  void cut(const PresenceFault& fault, int by);
  void start_node(std::uint32_t node);
  void kill_node(std::uint32_t node);
  void end_node(std::uint32_t node);
  void node_is_gone(std::uint32_t node);
  void people_leave(std::uint32_t node);
  void kill_server();
  void new_server(const broker::LocalPresence* kept);
  void record_fault(FaultKind kind, bool begins);

  // what people do
  void deed();
  void arrive(Person& person, std::uint32_t node, bool watches);
  void go(Person& person);
  bool takes_people(std::uint32_t node) const;

  void finish();

  const PresencePlan plan_;
  Stream network_;
  Stream load_;
  EventQueue events_;
  Micros now_ = 0;
  Records records_;
  std::vector<std::string> names_;
  std::vector<std::shared_ptr<const RoomRule>> rules_;
  std::vector<std::unique_ptr<Server>> servers_;  // the last one is the one that is there
  std::vector<std::unique_ptr<broker::LocalPresence>> snapshots_;
  std::vector<Link> links_;
  std::deque<Late> late_;
  std::vector<std::unique_ptr<PresenceNode>> nodes_;  // null: not running
  std::uint32_t last_node_ = 0;
  std::uint32_t last_member_ = 0;
  std::vector<Person> people_;
};

}  // namespace hearth::sim
