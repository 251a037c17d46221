#pragma once

#include "crypto/message_cipher.hpp"
#include "hearth/client.hpp"
#include "hub/client.hpp"
#include "hub/delivery.hpp"
#include "hub/hub.hpp"
#include "hub/mailbox.hpp"
#include "hub/outcome.hpp"
#include "hub/query_desk.hpp"
#include "hub/server_core.hpp"
#include "hub/transform_queue.hpp"
#include "net/loop.hpp"
#include "protocol/client_id.hpp"
#include "protocol/envelope.hpp"
#include "protocol/request_error.hpp"
#include "protocol/system_events.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

namespace hearth::hub {

/// One thread with its loop and its hub: speaks the protocol with the clients that live on it. Other threads reach it
/// through its mailbox and its query desk.
class Shard final : public net::Application {
 public:
  using Task = std::function<void(Shard&)>;

  Shard(ServerCore& core, std::uint8_t number);
  ~Shard() override;
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // From any thread:

  /// The shard whose thread this is, or null.
  static Shard* current() noexcept;
  ServerCore& core() const noexcept { return core_; }
  void start(std::vector<net::Listener> listeners);
  /// Waits for the shard's thread to end, which it does once `begin_shutdown` has done its work.
  void join();
  void post(std::shared_ptr<const Delivery> delivery, bool may_wait);
  /// False if the shard does not run: the task is gone.
  bool post(Task task, bool may_wait);
  /// Runs `task` now on the shard's own thread, else leaves it in the mailbox.
  void run(Task task);
  void wake() const noexcept { loop_.wakeup()->notify(); }
  QueryDesk& desk() noexcept { return desk_; }
  const net::LoopCounters& counters() const noexcept { return loop_.counters(); }
  std::uint64_t authenticated_clients() const noexcept { return authenticated_.get(); }
  std::uint64_t decryption_failures() const noexcept { return decryption_failures_.get(); }
  bool knows(const protocol::ClientId& id) const { return hub_.knows(id); }

  // On the shard's thread:

  void begin_shutdown(net::TimePoint deadline);
  /// Delivers to those concerned here. `pieces` is the envelope.
  void deliver(const Destination& destination, std::span<const std::string_view> pieces);
  /// As `deliver` to a client, who has been looked up by name already.
  void deliver_to_client(const protocol::ClientId& id, std::span<const std::string_view> pieces);
  void join_room(std::string_view client_id, std::string_view room);
  void leave_room(std::string_view client_id, std::string_view room);
  void disconnect(std::string_view client_id, std::uint16_t code, std::string_view reason);
  void enable_encryption(std::string_view client_id);
  const Hub& hub() const noexcept { return hub_; }
  ClientSnapshot snapshot(const Client& client) const;

  // net::Application
  std::unique_ptr<net::Connection> make_connection() override;
  void opened(net::Connection& connection) override;
  void received(net::Connection& connection, websocket::Opcode opcode, std::span<char> message) override;
  void closed(net::Connection& connection, std::uint16_t code, std::string_view reason) override;
  void drained(net::Connection& connection) override;
  std::string plain_request(std::string_view method, std::string_view target) override;
  void tick() override;
  bool congested() override { return core_.congestion().any(); }
  std::optional<net::TimePoint> next_deadline() override;
  std::string_view seal(net::Connection& connection, std::string_view message) override;
  std::size_t sealed_size(std::size_t message) const noexcept override;

 private:
  using Letter = std::variant<std::shared_ptr<const Delivery>, Task>;
  using PhaseList = net::DeadlineList<net::Connection, net::PhaseDeadline>;

  /// A client that went while a handler was at work for it: what is still to be done in its name.
  struct Departed {
    std::optional<std::string> user_id;
    std::deque<std::string> messages;
    std::uint16_t code;
    std::string reason;
  };

  /// A client on its way from a good `authenticate` to `connected`.
  struct Admission {
    std::string id_json;
    std::string auth_data;  ///< kept for the handshake alone
    Identity identity;
    std::optional<Handshake> handshake{};
  };
  /// A key agreement that the control plane works on.
  struct KeyAgreement;

  // shard.cpp
  void run_thread();
  void take_mail();
  void expire();
  void check_shutdown();

  // shard_protocol.cpp: what clients say
  void read_message(Client& client, std::string_view text, bool opened);
  void dispatch(Client& client, const protocol::Envelope& envelope, std::string_view text, bool opened);
  void handle(Client& client, const protocol::Envelope& envelope);
  void authenticate(Client& client, const protocol::Envelope& envelope);
  void finish_authentication(Client& client, Admission admission, Outcome<AuthenticateResult> outcome);
  void accept_client(Client& client, Admission admission);
  void welcome_client(Client& client, const Admission& admission);
  void refuse_client(Client& client, const std::string& id_json, const protocol::RequestError& error);
  void call_connected(Client& client);

  // shard_encryption.cpp
  bool has_encryption_handlers() const noexcept { return options_.handshake || options_.outbound_transformer; }
  bool wants_handshake(std::string_view auth_data) const;
  void begin_handshake(Client& client, Admission admission);
  void ask_handshake(Client& client, Admission admission);
  void agree_on_key(Client& client, Admission admission);
  void finish_agreement(KeyAgreement& agreement);
  void refuse_handshake(Client& client, const std::string& id_json, std::string_view why);
  void begin_encryption(Client& client);
  bool handle_encryption(Client& client, const protocol::Envelope& envelope, bool opened);
  void open_message(Client& client, std::string_view data);
  void close_retired();

  // shard_transform.cpp
  void send_pieces(Client& client, std::span<const std::string_view> pieces);
  void transform(Client& client, std::string_view envelope);
  void send_transformed(Client& client, Transformation& message);

  // shard_delivery.cpp
  bool may_be_sent(const Client& client) const noexcept;

  // shard_rooms.cpp
  void join(Client& client, const protocol::Envelope& envelope);
  /// What became of a join: which rooms were asked for, which of them are allowed, and the rest as JSON.
  struct JoinOutcome {
    std::vector<std::string> asked;
    std::vector<std::string> allowed;
    std::string refused_json;
    std::string id_json;
    bool failed;
  };
  /// False if its subscriptions are awaited: the client is busy until then.
  bool finish_join(Client& client, JoinOutcome outcome);
  void answer_join(Client& client, JoinOutcome outcome);
  void leave(Client& client, const protocol::Envelope& envelope);
  void publish(Client& client, const protocol::Envelope& envelope);

  // shard_broker.cpp: what the broker is to subscribe to
  using Subscribed = std::function<void(Shard&, const protocol::ClientId&)>;
  struct Awaiting {
    std::uint64_t ticket;
    protocol::ClientId client;
    Subscribed then;
  };
  /// Whether something that has members here now is not subscribed to yet.
  bool awaits_subscription();
  /// Calls `then` when it is. The client may be gone by then.
  void when_subscribed(const protocol::ClientId& id, Subscribed then);
  void subscribe_begun();
  void subscription_confirmed();
  void tell_interest();

  // shard_messages.cpp: handlers, one at a time a client
  void handle_application_message(Client& client, const protocol::Envelope& envelope);
  void wait_for_turn(Client& client, std::string_view text);
  void next_turn(const protocol::ClientId& id);
  void take_turns(Client& client);
  void next_departed_turn(const protocol::ClientId& id);
  void call_disconnected(const protocol::ClientId& id, const std::optional<std::string>& user_id, std::uint16_t code,
                         std::string_view reason);
  /// Calls a handler, which may be a coroutine: `then(Shard&, Outcome<Result>)` comes at once or, on this thread, when
  /// the coroutine is done. `make_owned` makes a copy of all that the request refers to, with a member `request()`.
  template <class Result, class Request, class MakeOwned, class Then>
  void invoke(const Handler<Result, Request>& handler, const Request& request, MakeOwned make_owned, Then then);
  /// Whether the handler threw; if so, a log line says what.
  template <class Result>
  bool log_if_threw(std::string_view handler, const protocol::ClientId& id, const Outcome<Result>& outcome) const {
    if (!outcome.threw()) return false;
    core_.log()(LogLevel::error,
                std::string(handler) + " handler threw for client " + id.str() + ": " + outcome.what());
    return true;
  }

  /// The client, unless it is gone or going.
  Client* open_client(const protocol::ClientId& id) const noexcept {
    Client* client = hub_.find(id);
    return client != nullptr && client->is_open() ? client : nullptr;
  }

  // answers
  void answer(Client& client, std::string_view event, std::string_view data, std::string_view id_json = {});
  void answer_error(Client& client, std::string_view message);
  void answer_error(Client& client, const protocol::RequestError& error, std::string_view id_json,
                    std::string_view rooms_json = {});

  ServerCore& core_;
  const Options& options_;
  const std::uint8_t number_;
  crypto::MessageCipher cipher_;  // outlives the clients, whose keys it wipes
  net::Loop loop_;
  const std::shared_ptr<Mailbox<Letter>> mailbox_;
  QueryDesk desk_;
  std::thread thread_;
  net::Counter authenticated_;
  net::Counter decryption_failures_;

  // the shard's thread alone
  Interest interest_;
  Hub hub_;
  protocol::ClientIdSource ids_;
  protocol::EnvelopeReader reader_;
  std::vector<Letter> letters_;  // taken from the mailbox
  std::size_t next_letter_ = 0;
  std::string scratch_;
  PhaseList unauthorized_;
  PhaseList authenticating_;
  PhaseList silent_;  // authenticated clients, in the order of their last message
  net::TimePoint next_sweep_{};
  boost::unordered_flat_map<protocol::ClientId, Departed, std::hash<protocol::ClientId>> departed_;
  std::vector<protocol::ClientId> retired_;  // whose key was used often enough
  std::vector<Client*> to_transform_;        // scratch of `deliver`
  boost::unordered_flat_map<protocol::ClientId, std::size_t, std::hash<protocol::ClientId>> transforming_;  // bytes
  std::size_t running_handlers_ = 0;
  std::uint64_t asked_subscriptions_ = 0;  // times, since the start
  std::uint64_t confirmed_subscriptions_ = 0;
  std::deque<Awaiting> awaiting_subscription_;
  bool shutting_down_ = false;
  net::TimePoint shutdown_deadline_{};
};

}  // namespace hearth::hub
