#pragma once

#include "hearth/client.hpp"
#include "hearth/settings.hpp"
#include "hub/hub.hpp"
#include "net/loop.hpp"
#include "protocol/client_id.hpp"
#include "protocol/envelope.hpp"
#include "shard/admission.hpp"
#include "shard/answers.hpp"
#include "shard/blocks.hpp"
#include "shard/deliveries.hpp"
#include "shard/drain.hpp"
#include "shard/entrance.hpp"
#include "shard/expiries.hpp"
#include "shard/figures.hpp"
#include "shard/handler_calls.hpp"
#include "shard/handshakes.hpp"
#include "shard/history_requests.hpp"
#include "shard/letter.hpp"
#include "shard/order.hpp"
#include "shard/presence_desk.hpp"
#include "shard/present_rooms.hpp"
#include "shard/query_desk.hpp"
#include "shard/remembered_rooms.hpp"
#include "shard/remembering.hpp"
#include "shard/room_events.hpp"
#include "shard/room_requests.hpp"
#include "shard/sealing.hpp"
#include "shard/subscriptions.hpp"
#include "shard/switchboard.hpp"
#include "shard/tally.hpp"
#include "shard/throttle.hpp"
#include "shard/timeouts.hpp"
#include "shard/transforms.hpp"
#include "shard/turns.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace hearth::tls {
class CurrentContext;
}

namespace hearth::shard {

/// Takes what clients publish to other instances.
class Outward {
 public:
  virtual ~Outward() = default;
  /// `event` is its name without escapes. From any shard's thread; never waits and never throws.
  virtual void publish(const Publication& publication, std::string_view event) noexcept = 0;
};

/// One thread with its loop and its hub: speaks the protocol with the clients that live on it. Its parts do the work;
/// this class joins them to the loop and to each other. Other threads reach it through its mailbox and its query desk.
class Shard final : private net::Application,
                    private Turns::Host,
                    private Transforms::Host,
                    private Admission::Host,
                    private RoomRequests::Host,
                    private Throttle::Host {
 public:
  /// What all shards of a server have in common. All of it outlives them.
  struct Surroundings {
    std::shared_ptr<ControlPlane> plane;
    const Switchboard& switchboard;
    Outward& outward;
    const Blocks& blocks;
    Doorkeeper& door;
    LimitHits& hits;
    std::shared_ptr<const tls::CurrentContext> tls{};  ///< null: plain
    const Remembering& remembering;
    FeedDesk* feeds = nullptr;         ///< null if no room remembers
    PresenceDesk* presence = nullptr;  ///< null if no room has presence
    std::size_t shards = 1;
  };

  Shard(Surroundings around, std::uint8_t number, net::Clock::time_point (*clock)() noexcept = &net::Clock::now);
  ~Shard() override;
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // From any thread:

  /// The shard whose thread this is, of whatever server, or null.
  static Shard* current() noexcept;
  const Switchboard& switchboard() const noexcept { return around_.switchboard; }
  /// Begins to turn on a thread of its own.
  void start(std::vector<net::Listener> listeners);
  /// Has it end at once, without a word to its clients. Takes no memory.
  void abandon() noexcept;
  /// Waits for the shard's thread to end, which it does once `begin_shutdown` has done its work. On another shard's
  /// thread questions to that one are answered meanwhile.
  void join();
  void post(std::shared_ptr<const Delivery> delivery, bool may_wait);
  /// False if the shard does not run: the task is gone.
  bool post(Task task, bool may_wait) { return mailbox_->post(std::move(task), sizeof(Task), may_wait); }
  bool post(Passed passed, bool may_wait) {
    const std::size_t bytes = passed.publication->footprint();
    return mailbox_->post(std::move(passed), bytes, may_wait);
  }
  /// Runs `task` now on the shard's own thread, else leaves it in the mailbox.
  void run(Task task);
  QueryDesk& desk() noexcept { return desk_; }
  const net::LoopCounters& counters() const noexcept { return loop_.counters(); }
  const net::Loop& loop() const noexcept { return loop_; }
  std::uint64_t authenticated_clients() const noexcept { return admission_.authenticated(); }
  std::uint64_t decryption_failures() const noexcept { return sealing_.failures(); }
  std::uint64_t publications_of_clients() const noexcept { return rooms_.publications(); }
  bool knows(const protocol::ClientId& id) const { return hub_.knows(id); }

  // On the shard's thread:

  void begin_shutdown(net::TimePoint deadline);
  /// `over` is let go when nobody is left.
  void begin_drain(net::Millis delay, net::Millis time, std::shared_ptr<void> over) {
    drain_.begin(loop_.now(), delay, time, std::move(over));
  }
  /// Settings that have been found good; room rules are those of `remembering` by now. `done` is let go when rooms that
  /// remember from now on hear what comes.
  void adopt(const Settings& settings, std::shared_ptr<void> done);
  RememberedRooms& remembered() noexcept { return remembered_; }
  PresentRooms& present() noexcept { return present_; }
  Deliveries& deliveries() noexcept { return deliveries_; }
  Tally& tally() noexcept { return tally_; }
  /// To a client that waits for it; nothing if it has gone. `id_json` is the id as JSON.
  void answer(std::string_view client_id, std::string_view id_json, std::string_view data);
  void answer_error(std::string_view client_id, std::string_view id_json, const protocol::RequestError& error);
  void join_room(std::string_view client_id, std::string_view room);
  void leave_room(std::string_view client_id, std::string_view room);
  void disconnect(std::string_view client_id, std::uint16_t code, std::string_view reason);
  void enable_encryption(std::string_view client_id);
  /// For those of the clients that live here.
  void carry_out(const Order& order);
  /// Of its clients, all whom some block keeps out.
  void close_blocked();
  const hub::Hub& hub() const noexcept { return hub_; }
  /// Of its rooms, at most so many.
  ClientSnapshot snapshot(const hub::Client& client, std::size_t most_rooms = SIZE_MAX) const;
  net::TimePoint now() const override { return loop_.now(); }
  Figures figures() const;

  // In place of a thread, for whoever has clock and sockets in hand:

  void open();
  void adopt(net::FileDescriptor socket) { loop_.adopt(std::move(socket)); }
  /// Turns once, without waiting.
  void turn();
  void close();

 private:
  // net::Application
  std::unique_ptr<net::Connection> make_connection() override;
  bool admits(const net::Connection& connection) override;
  std::optional<net::TurnedAway> turn_away(const net::Connection& connection, const net::Upgrade& upgrade) override;
  void opened(net::Connection& connection, const net::Upgrade& upgrade) override;
  void received(net::Connection& connection, websocket::Opcode opcode, std::span<char> message) override;
  bool closed(net::Connection& connection, std::uint16_t code, std::string_view reason) override;
  bool leave(hub::Client& client, std::uint16_t code, std::string_view reason);
  void note_departure(hub::Client& client, std::uint16_t code, std::string_view reason);
  void drained(net::Connection& connection) override;
  void emptied(net::Connection& connection) override;
  void dropped(net::Connection& connection, std::uint64_t count) noexcept override;
  void sent_too_much(net::Connection& connection) noexcept override;
  http::Answer request(net::Connection& connection, const http::Request& request) override;
  void tick() override;
  bool congested() override { return Congestion::of_process().any(); }
  std::optional<net::TimePoint> next_deadline() override;
  std::string_view seal(net::Connection& connection, std::string_view message) override;
  std::size_t sealed_size(std::size_t message) const noexcept override { return Sealing::sealed_size(message); }

  // Turns::Host
  void handle(hub::Client& client, std::string_view text) override;
  bool handle_departed(const protocol::ClientId& id, const Departed& departed, std::string_view text) override;
  void departed(const protocol::ClientId& id, const Departed& departed) override;
  void pause(hub::Client& client) override { loop_.pause(client); }
  void resume(hub::Client& client) override {
    if (!client.throttled) loop_.resume(client);
  }
  bool takes_answers(hub::Client& client) override { return loop_.takes_answers(client); }

  // Transforms::Host
  void send_plain(hub::Client& client, std::span<const std::string_view> pieces) override;
  void drop(hub::Client& client) override { loop_.drop(client); }

  // Admission::Host
  void begin_encryption(hub::Client& client) override;
  void admitted(hub::Client& client) override;

  // RoomRequests::Host
  void publish(const Publication& publication, std::string_view event) override;

  // Throttle::Host
  void hold_up(hub::Client& client) override { loop_.pause(client); }
  void let_go(hub::Client& client) override {
    if (!Turns::is_full(client)) loop_.resume(client);
  }

  // shard.cpp
  void run_thread();
  void take_mail();
  void take(const Letter& letter);
  void tell_room_events();
  void disconnected(const protocol::ClientId& id, const Departed& departed);
  void close_worn_out();
  bool is_idle() const noexcept;
  void check_shutdown();
  template <class Work>
  void contain(std::string_view what, Work work) noexcept;

  // shard_orders.cpp
  template <class Function>
  void for_each_of(const Order& order, const Function& function);
  template <class IsOut>
  void revoke(const IsOut& is_out);

  // shard_protocol.cpp: what clients say
  void read_message(hub::Client& client, std::string_view text, bool opened);
  void dispatch(hub::Client& client, const protocol::Envelope& envelope, std::string_view text, bool opened);
  bool handle_encryption(hub::Client& client, const protocol::Envelope& envelope, bool opened);
  void open_message(hub::Client& client, std::string_view data);
  void handle(hub::Client& client, const protocol::Envelope& envelope);
  void log_payload(const hub::Client& client, const protocol::Envelope& envelope) const;
  void handle_application_message(hub::Client& client, const protocol::Envelope& envelope);

  const Surroundings around_;
  const Options& options_;
  const log::Log log_;
  Sealing sealing_;  // outlives the clients, whose keys its cipher wipes
  net::Loop loop_;
  const std::shared_ptr<ShardMailbox> mailbox_;
  QueryDesk desk_;
  std::thread thread_;
  std::atomic<bool> has_ended_{false};
  std::atomic<bool> abandoned_{false};

  // the shard's thread alone
  Tally tally_;
  Subscriptions subscriptions_;
  RememberedRooms remembered_;  // outlives the rooms
  RoomEvents room_events_;      // the same
  PresentRooms present_;        // the same
  hub::Hub hub_;
  HandlerCalls calls_;
  Transforms transforms_;
  Deliveries deliveries_;
  Answers answers_;
  Timeouts timeouts_;
  Turns turns_;
  Handshakes handshakes_;
  Expiries expiries_;
  Drain drain_;
  Entrance entrance_;
  Throttle throttle_;
  Admission admission_;
  RoomRequests rooms_;
  HistoryRequests history_;

  protocol::ClientIdSource ids_;
  protocol::EnvelopeReader reader_;
  std::string client_id_;                               // scratch
  std::map<std::uint16_t, std::uint64_t> disconnects_;  // of authenticated clients, by close code
  std::vector<Letter> letters_;                         // taken from the mailbox
  std::size_t next_letter_ = 0;
  net::Clock::time_point letters_since_{};  // the first of them came then
  bool shutting_down_ = false;
  net::TimePoint shutdown_deadline_{};
};

}  // namespace hearth::shard
