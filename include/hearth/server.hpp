#pragma once

#include "hearth/block.hpp"
#include "hearth/broker.hpp"
#include "hearth/client.hpp"
#include "hearth/cluster.hpp"
#include "hearth/export.hpp"
#include "hearth/history.hpp"
#include "hearth/json.hpp"
#include "hearth/metrics.hpp"
#include "hearth/options.hpp"
#include "hearth/presence.hpp"
#include "hearth/query.hpp"
#include "hearth/settings.hpp"
#include "hearth/statistics.hpp"
#include "hearth/watch.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace hearth {

/// What else there is to say of a publication of the server's own.
struct PublishOptions {
  std::string_view key{};                  ///< what `slow_consumer = latest` keeps the newest of
  std::string_view idempotency_key{};      ///< in a room that remembers, a second one within 5 min does nothing
  std::span<const std::string> exclude{};  ///< client ids that do not get it
};

/// A real-time server: clients hold WebSocket connections, authenticate, sit in rooms, and receive what is sent to a
/// client, a user, a room or everybody. The wire is that of docs/protocol.md.
///
/// Every member may be called from any thread, handlers included. What one thread sends to one client arrives in the
/// order sent. Messages are handed over and the call returns; only when a shard has more than it can take does a call
/// wait for it, and never from a plain handler. Before `start` and after `shutdown` sends do nothing and queries are
/// empty.
class HEARTH_API Server {
 public:
  /// Checks the options. Throws std::invalid_argument, which names the option and what would be right.
  explicit Server(Options options);
  /// Shuts down if that has not happened.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Starts the broker, listens and accepts; ready when it returns. Throws std::system_error if an address cannot be
  /// had or a thread cannot be started, what the broker throws, and std::runtime_error if `shutdown` was called before
  /// it or meanwhile. A server starts once.
  void start();

  /// Accepts nothing more, closes every client with 1001 `Server shutting down`, sends what waits, calls the
  /// `client_disconnected` handlers, and returns when all that is done or `deadline` has passed. From a handler, and
  /// on the threads of an io_context or thread_pool given as Options::executor, it begins all that and returns at once.
  void shutdown(std::chrono::milliseconds deadline = std::chrono::seconds(10));

  /// Before `shutdown`, where others take over: for `delay` all goes on as before, only is_draining() is true; then
  /// nobody is taken any more (503), and the clients are sent away in random order, evenly over `time`
  /// (docs/protocol.md, Draining). Returns when all have gone, or `shutdown` has ended it; where `shutdown` returns at
  /// once, this does. Both at most a day. Does nothing unless the server runs; a second one waits for the first.
  void drain(std::chrono::milliseconds delay = std::chrono::seconds(5),
             std::chrono::milliseconds time = std::chrono::seconds(30));
  /// Whether `drain` was called. What balances load asks for this, so that it sends nobody here any more.
  bool is_draining() const noexcept;

  /// To one client. `event` must not be empty (std::invalid_argument), nor the message longer than 1 GiB
  /// (std::length_error).
  void send_to_client(std::string_view client_id, std::string_view event, const Json& data = {});
  /// To every client of a user.
  void send_to_user(std::string_view user_id, std::string_view event, const Json& data = {});
  /// To the members of a room, but for the clients in `exclude`.
  void send_to_room(std::string_view room, std::string_view event, const Json& data = {},
                    std::span<const std::string> exclude = {});
  /// To every authenticated client, but for those in `exclude`.
  void broadcast(std::string_view event, const Json& data = {}, std::span<const std::string> exclude = {});

  /// Answers a message that came with an `id` (Message::id): `{"event":"ack","data":…,"id":…}` to its client, if that
  /// is still there. Each is to be answered once, which nobody checks. Throws std::invalid_argument if `id` is empty,
  /// std::length_error as `send_to_client`.
  void answer(std::string_view client_id, std::string_view id, const Json& data = {});
  /// The same with what is wrong: `{"event":"error","data":{"message":…,"code":…},"id":…}`. Of the codes below 1000
  /// only 112 is for applications (docs/protocol.md, Answers to requests).
  void answer_error(std::string_view client_id, std::string_view id, std::uint16_t code, std::string_view message);

  /// To whatever `destination` is, here and on every other instance: a client id, a room, or without one everybody
  /// (docs/protocol.md, Addressing). The four above reach the clients of this instance alone. An empty topic or absent
  /// data does nothing. `done` is called once, with no error when the message has been handed to every shard concerned
  /// and to the broker, from this thread or one of the server's; it must not throw.
  void send(std::optional<std::string_view> destination, std::string_view topic, const Json& data,
            const std::function<void(std::error_code)>& done = {});
  /// To a room, here and on every other instance. In one that remembers (docs/recovery.md), `done` is called once the
  /// log has it, with its position, or with why it does not (HistoryError); from this thread or one of the broker's.
  /// In others it is called with no position when the message has been handed on. It must not throw. Throws
  /// std::invalid_argument if room or event is empty.
  void publish(std::string_view room, std::string_view event, const Json& data = {}, const PublishOptions& options = {},
               Done<Appended> done = {});

  /// Whether a room's rule has it remember what is published.
  bool remembers(std::string_view room) const;
  /// What the log of a room has after an offset, at most `count`, as History::read gives it to `done`; no_history if it
  /// does not remember.
  void history(std::string_view room, std::uint64_t after, std::size_t count, Done<LogPage> done) const;
  /// Forgets the log of a room, on every instance: whoever comes back to a position in it is told that it is lost. What
  /// is published next begins another one. no_history if it does not remember.
  void erase_history(std::string_view room, Done<void> done);

  /// Puts a client in a room, whatever `validate_room` says; nothing happens if it is not there or not authenticated.
  void join_room(std::string_view client_id, std::string_view room);
  void leave_room(std::string_view client_id, std::string_view room);

  /// From now on every message to this client goes through `outbound_transformer`, for good; for a key agreement made
  /// in the `message` handler. Nothing happens if it is not there or not authenticated. Throws std::logic_error if
  /// there is no such handler: the client would be sent plain text.
  void enable_client_encryption(std::string_view client_id);

  /// Closes a client. `code` is one that may be sent (1000-1003, 1007-1014, 3000-4999; std::invalid_argument), `reason`
  /// at most 123 bytes, the rest is cut.
  void disconnect(std::string_view client_id, std::uint16_t code = 1000, std::string_view reason = {});

  // The cluster: what follows acts on every instance that the broker joins to this one. Without a broker, or where it
  // cannot do it (Broker::control), it acts here alone; the result is false if there are others that were not told.

  /// What is sent to the target on every instance. Other than `send`, it says itself what the target is. Throws as
  /// `send_to_client`.
  void publish(const Target& target, std::string_view event, const Json& data = {},
               std::span<const std::string> exclude = {});
  /// Closes the clients of a user, or one client wherever it is, but for those in `except`. `code` and `reason` as
  /// above. Throws std::invalid_argument for a target that is neither.
  bool disconnect(const Target& target, std::uint16_t code = 4010, std::string_view reason = "Disconnected",
                  std::span<const std::string> except = {});
  bool disconnect_user(std::string_view user_id, std::uint16_t code = 4010, std::string_view reason = "Disconnected") {
    return disconnect(Target::user(user_id), code, reason);
  }
  /// Puts the clients of a user, or one client wherever it is, in rooms, whatever `validate_room` says. Throws
  /// std::invalid_argument for another target, and for a room without a name.
  bool join(const Target& target, std::span<const std::string> rooms);
  bool join_user(std::string_view user_id, std::span<const std::string> rooms) {
    return join(Target::user(user_id), rooms);
  }
  bool leave(const Target& target, std::span<const std::string> rooms);
  bool leave_user(std::string_view user_id, std::span<const std::string> rooms) {
    return leave(Target::user(user_id), rooms);
  }
  /// Closes whom it is about with 4007 `Revoked`, and lets nobody in to whom it applies until it ends. An instance that
  /// starts later knows of it if the broker keeps blocks (Broker::keep_block). A second one of the same user or token
  /// takes the place of the first. False also if there are 100,000, and this one is not taken. Throws
  /// std::invalid_argument if not exactly one of user and token is given or it lasts longer than 400 days.
  bool block(const Block& block);
  bool unblock_user(std::string_view user_id);
  bool unblock_token(std::string_view token_id);
  /// Those that this instance knows of and that have not ended.
  std::vector<Block> blocks() const;

  /// Connected clients, authenticated or not.
  std::vector<ClientSnapshot> clients() const;
  std::optional<ClientSnapshot> client(std::string_view client_id) const;
  std::vector<ClientSnapshot> clients_of_user(std::string_view user_id) const;
  std::vector<ClientSnapshot> clients_in_room(std::string_view room) const;
  /// The same page by page, where there may be many. Throws std::invalid_argument if a limit is out of its range or
  /// `after` is none that a page gave.
  ClientPage clients(const ClientQuery& query) const;
  RoomPage rooms(const RoomQuery& query) const;
  /// The first `count`, at most 256, the busiest first. Messages and bytes are counted from the first call on that
  /// wants to know them until none has for a minute, so that the first finds none; figures a second are those of the
  /// last 10 s or so.
  std::vector<BusyEntry> busiest(Busiest by, std::size_t count) const;

  /// Who is in a room, as its members are told (docs/presence.md). Nothing if its rule has no presence. The future has
  /// an error if the server does not run, or ends first; who waits for it must not be a plain handler. Throws
  /// std::invalid_argument for a room without a name, if the limit is out of its range or `after` is none that a page
  /// gave.
  std::optional<std::future<PresencePage>> presence(std::string_view room, const PresenceQuery& query = {}) const;
  /// The same for who cannot wait: `done` gets it, or HistoryError::unavailable in place of the future's error, at once
  /// or from a thread of the server's, for which it must be quick and must not throw. False if the rule has no
  /// presence; then nobody calls it.
  bool presence(std::string_view room, const PresenceQuery& query, Done<PresencePage> done) const;

  /// Asks every instance that the broker joins to this one, and this one. `done` is called once, by a thread of the
  /// server's, with all that have answered within so long and all that are known and have not; who ends says so, and
  /// who has been silent to questions for a minute is forgotten. This instance comes first. Where the broker carries no
  /// control messages there is only this one. It must be quick and must not throw. Not called if the server ends first.
  void ask_cluster(const ClusterQuestion& question, std::chrono::milliseconds within,
                   std::function<void(std::vector<NodeAnswer>)> done);

  /// Has `callback` called for what is published in a room from now on, whoever may get it, and whoever is in it: here,
  /// and on the instances that the broker joins to this one. The calls come one at a time and in order where coroutine
  /// handlers run, which a slow one holds up; it must not throw. Watches nothing unless the server runs. Throws
  /// std::invalid_argument for a room without a name, and if an option is out of its range.
  [[nodiscard]] Watch watch(std::string_view room, std::function<void(const WatchedPublication&)> callback,
                            const WatchOptions& options = {});

  const std::string& path() const noexcept;
  /// The first TCP port listened on, or 0. Tells which one was taken for port 0.
  std::uint16_t port() const noexcept;
  /// Every address listened on, as text, with the ports taken.
  std::vector<std::string> addresses() const;

  /// Reads certificates anew, for connections that come from now on; those that are there stay as they are, and so do
  /// session tickets. Reads files, so not for a plain handler. All or nothing: throws std::invalid_argument, which says
  /// what is wrong with which of them, and nothing has changed; std::logic_error if the server speaks no TLS.
  void reload_tls(const TlsOptions& options);

  /// What is in force: as in the options, until `update`.
  Settings settings() const;
  /// Changes them while the server runs, for the clients that are there too; nobody is closed, nothing is lost. Whole
  /// or not at all: throws std::invalid_argument, which names what is wrong, and nothing has changed; std::logic_error
  /// if the server does not run. In force when it returns; from a handler, soon afterwards. Counts of connections are
  /// those of all that are there. Rooms that come to remember do so from then on, and those that are not to any more
  /// until nobody is in them; a server that began without any cannot get any (std::invalid_argument).
  void update(const Settings& settings);

  Statistics statistics() const;
  /// All that can be counted, the shards having been asked: for a scrape every few seconds.
  Metrics metrics() const;
  /// Whether this instance is joined to the others; `ready` without a broker. `stopped` before `start`.
  BrokerState broker_state() const;
  BrokerStatistics broker_statistics() const;

  /// Writes a line to the server's log. May be called at any time.
  void log(LogLevel level, std::string_view line) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hearth
