#pragma once

#include "hearth/options.hpp"
#include "http/origins.hpp"
#include "http/proxies.hpp"
#include "http/request.hpp"
#include "log/log.hpp"
#include "net/connection.hpp"
#include "net/connection_queue.hpp"
#include "net/counters.hpp"
#include "net/delivery_lag.hpp"
#include "net/duration_histogram.hpp"
#include "net/listener.hpp"
#include "net/outbox.hpp"
#include "net/sealer.hpp"
#include "net/wakeup.hpp"
#include "websocket/deflate.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct epoll_event;

namespace hearth::tls {
class CurrentContext;
}

namespace hearth::websocket {
struct RequestHead;
}

namespace hearth::net {

struct LoopOptions {
  std::string path{"/ws"};  ///< empty: every one
  std::size_t max_message_size = std::size_t{128} * 1024;
  std::size_t backpressure_limit = std::size_t{1024} * 1024;
  SlowConsumer slow_consumer = SlowConsumer::drop;
  Millis upgrade_timeout{5'000};  ///< for the HTTP request to arrive whole
  Millis idle_timeout{60'000};    ///< without any frame; 0: none
  bool send_pings = true;         ///< after half of idle_timeout
  DeflateOptions deflate{};
  std::shared_ptr<const tls::CurrentContext> tls{};  ///< null: plain
  http::Origins origins{};
  http::Proxies proxies{};
  bool proxy_protocol = false;  ///< each connection of theirs begins with its header, and others are cut off
  /// What `Host` a page's request may name besides an IP address and `localhost`; nothing: any.
  std::optional<std::vector<std::string>> hosts{};
  /// Descriptors of the process that connections leave free, for files, brokers and whatever else it opens.
  std::size_t reserved_descriptors = 0;
  log::Log log{};
  /// Steady time; a test may give its own.
  Clock::time_point (*clock)() noexcept = &Clock::now;
};

/// The request with which a connection has become a WebSocket. Views: good for as long as the call.
struct Upgrade {
  std::string_view path;  ///< without the query
  std::string_view head;  ///< the whole head: request line, fields and the empty line
};

/// What somebody is answered who may not become a client.
struct TurnedAway {
  Refusal why;
  std::string response;  ///< a whole one of HTTP
};

/// What a loop does its work for. All calls come on the loop's thread. What one throws costs the connection that it is
/// about; `tick` and what has no connection may not throw.
class Application : public Sealer {
 public:
  virtual std::unique_ptr<Connection> make_connection() { return std::make_unique<Connection>(); }
  /// Asked before a TLS handshake, which costs much more than a connection, unless a proxy makes it for somebody: false
  /// cuts it off.
  virtual bool admits(const Connection& connection) {
    static_cast<void>(connection);
    return true;
  }
  /// Asked before a connection is upgraded: what it is answered instead, if anything.
  virtual std::optional<TurnedAway> turn_away(const Connection& connection, const Upgrade& upgrade) {
    static_cast<void>(connection), static_cast<void>(upgrade);
    return std::nullopt;
  }
  /// The upgrade is done.
  virtual void opened(Connection& connection, const Upgrade& upgrade) = 0;
  /// A whole message, in place: the bytes may be overwritten, and are gone after the call.
  virtual void received(Connection& connection, websocket::Opcode opcode, std::span<char> message) = 0;
  /// For each connection that was opened, as soon as it is not open any more. 1006: without a close frame. False: there
  /// is more to do, and it is to be called again in another turn; the connection lives until then.
  virtual bool closed(Connection& connection, std::uint16_t code, std::string_view reason) = 0;
  /// A connection that was held back for not taking its answers has taken them.
  virtual void drained(Connection& connection) { static_cast<void>(connection); }
  /// Longest body of a request that it wants to see whole before it answers; 0: it answers by the head alone.
  virtual std::size_t max_request_body() const noexcept { return 0; }
  /// So many messages did not get to it because too much was waiting.
  virtual void dropped(Connection& /*connection*/, std::uint64_t /*count*/) noexcept {}
  /// A message of its was longer than it may be, which ends it.
  virtual void sent_too_much(Connection& /*connection*/) noexcept {}
  /// Answers an HTTP request that asks for no WebSocket. Nothing there is answered with 404, or with 426 on the
  /// WebSocket path.
  virtual http::Answer request(Connection& connection, const http::Request& request) {
    static_cast<void>(connection), static_cast<void>(request);
    return http::Answer::nothing();
  }

  /// Once a tick, after reading: does what has come from other threads (`Loop::wakeup`).
  virtual void tick() {}
  /// Whether reading from sockets must wait, because another thread cannot take what comes of it. Whoever ends that
  /// wakes the loop.
  virtual bool congested() { return false; }
  /// Nothing waits any more for a connection that `Loop::await_emptied` was called for.
  virtual void emptied(Connection& /*connection*/) {}
  /// When `tick` is to be called at the latest.
  virtual std::optional<TimePoint> next_deadline() { return std::nullopt; }
};

/// One thread's epoll loop with its listeners and connections: accepts, upgrades, reads frames in place, times out, and
/// writes once a connection a tick. Knows WebSocket, and nothing of what the messages mean.
///
/// `run` is called on one thread, which then makes all other calls, unless they say otherwise.
class Loop {
 public:
  Loop(LoopOptions options, Application& application);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Before `run`: where to accept connections.
  void listen(std::vector<Listener> listeners);
  /// Turns until `stop`.
  void run();
  /// Turns once, without waiting for anything to happen: for whoever has the clock in hand.
  void turn() { turn(0); }
  /// Takes a connected socket as if it had been accepted.
  void adopt(FileDescriptor socket) { admit(std::move(socket)); }
  /// Ends `run` after this tick. What is still connected is cut off.
  void stop() noexcept { stopping_ = true; }

  /// From any thread: makes the loop turn.
  const std::shared_ptr<Wakeup>& wakeup() const noexcept { return wakeup_; }
  /// From any thread.
  const LoopCounters& counters() const noexcept { return counters_; }
  /// From any thread: how long it was at work each time, without waiting.
  const DurationHistogram& tick_durations() const noexcept { return tick_durations_; }
  /// From any thread: how long publications took that `note_publication` was told of.
  const DurationHistogram& delivery_lags() const noexcept { return lag_.durations(); }
  /// From any thread: how long TLS handshakes took that were done, from the client's first bytes.
  const DurationHistogram& handshake_durations() const noexcept { return handshake_durations_; }

  /// The tick's time.
  TimePoint now() const noexcept { return now_; }
  /// Steady time at this moment.
  Clock::time_point clock() const noexcept { return options_.clock(); }
  /// What had come by this time has been read, but for that of connections whose `input_waits`. Who is silent is judged
  /// by this and not by `now`, which may be long after it when the process was held up.
  TimePoint input_seen() const noexcept { return input_seen_; }

  /// Encodes a message to send to any number of connections. Good until the next one is staged, and after that as long
  /// as `holds` says so.
  Outgoing stage(websocket::Opcode opcode, std::span<const std::string_view> pieces) {
    return outbox_.stage(opcode, pieces);
  }
  Outgoing stage(std::span<const std::string_view> pieces) { return stage(websocket::Opcode::text, pieces); }
  bool holds(const Outgoing& message) const noexcept { return outbox_.holds(message); }
  /// What is staged is a publication, and somebody gets it.
  void note_publication() noexcept { lag_.note(taken_in_ == Clock::time_point{} ? looked_ : taken_in_); }
  /// What is worked on was taken in then; the default: in this turn.
  void work_on_what_came(Clock::time_point then = {}) noexcept { taken_in_ = then; }
  /// False if it is not open or the message was dropped.
  bool send(Connection& connection, Outgoing& message);
  /// The same, however much waits for it.
  void send_whole(Connection& connection, Outgoing& message);
  /// Bytes that wait for its socket, of this turn or before.
  std::size_t waiting_bytes(const Connection& connection) const noexcept { return connection.waiting_bytes(); }
  /// Whether a message may wait for it too, within this limit, or nothing else does: writes what waits now if that is
  /// too much.
  bool has_room(Connection& connection, const Outgoing& message, std::size_t limit) {
    return outbox_.has_room(connection, message, limit);
  }
  /// Something waits for it: has `Application::emptied` called, once, when nothing does any more.
  void await_emptied(Connection& connection) noexcept { connection.awaited_ = true; }
  /// What is sent to it from now on leaves as `Sealer::seal` makes it.
  void begin_sealing(Connection& connection) noexcept { connection.seals_ = true; }
  /// Notes that a message did not get to it because too much was waiting, and closes it if that is the policy.
  void drop(Connection& connection);
  /// Notes that so many did not.
  void count_drops(Connection& connection, std::uint64_t count, Drop why) noexcept;
  /// Bytes past which messages are dropped.
  std::size_t backlog_limit() const noexcept { return outbox_.limit(); }

  /// Whether it takes its answers: writes them now if they are many. If not, `drained` is called once it has.
  bool takes_answers(Connection& connection);

  /// Sends a close frame and gives the peer kCloseTimeout to answer. Nothing if it is not open.
  void close(Connection& connection, std::uint16_t code, std::string_view reason);
  /// Answers a request to which `Application::request` has said that the answer comes later. Nothing if it has gone.
  void respond(Connection& connection, std::string_view response);
  /// Cuts it off at once.
  void terminate(Connection& connection) { lose(connection, 1006, "Terminated"); }

  void stop_accepting();
  /// Other pages and proxies than those of the options, and how many descriptors are left free: for who connects from
  /// now on.
  void trust(http::Origins origins, http::Proxies proxies);
  void reserve_descriptors(std::size_t count);
  /// From now on, messages of clients may be so long, and so many bytes may wait for one.
  void limit(std::size_t message_size, std::size_t backlog) noexcept {
    options_.max_message_size = message_size;
    outbox_.limit(backlog);
  }
  /// Reads nothing more from it, until `resume`. What has arrived is kept.
  void pause(Connection& connection) { connection.paused_by_application_ = true; }
  void resume(Connection& connection);

  bool has_connections() const noexcept { return counters_.open.get() > 0; }
  /// Every connection that is not dead.
  template <class Function>
  void for_each(Function function) {
    const auto unless_dead = [&](Connection& connection) {
      if (connection.phase_ != Connection::Phase::dead) function(connection);
    };
    quiet_.for_each(unless_dead);
    pinged_.for_each(unless_dead);
  }

  static constexpr Millis kCloseTimeout{5'000};
  /// For an answer to an HTTP request that comes later.
  static constexpr Millis kAnswerTimeout{30'000};
  /// The shared receive buffer, and so what a connection may read in one tick.
  static constexpr std::size_t kReceiveBuffer = std::size_t{128} * 1024;
  /// Answers to one connection past which they are written without waiting for the tick's end.
  static constexpr std::size_t kAnswersBeforeFlush = std::size_t{64} * 1024;

 private:
  using QuietList = DeadlineList<Connection, QuietDeadline>;
  using PhaseList = DeadlineList<Connection, PhaseDeadline>;

  // loop.cpp: the tick
  void turn(int most_wait);
  void wait(int most_wait);
  void note_seen(int events);
  int wait_milliseconds();
  void handle(const epoll_event& event);
  void handle(Connection& connection, std::uint32_t events);
  void expire();
  bool is_spared(const Connection& connection) const;
  void settle();
  void reap();
  bool tell_closed(Connection& connection);
  void find_unlisted();
  void bury();
  template <class Work>
  void contain(Connection& connection, Work work) noexcept {
    try {
      work();
    } catch (const std::exception& error) {
      cut_off(connection, error);
    }
  }
  void cut_off(Connection& connection, const std::exception& error) noexcept;

  // loop_accept.cpp
  void accept_from(Listener& listener);
  void admit(FileDescriptor fd);
  bool is_reserved(int fd) const noexcept;
  void pause_accepting(int error) noexcept;
  void resume_accepting() noexcept;
  void watch_listeners();

  // loop_input.cpp: bytes in
  void read_ready();
  void read_next(Connection& connection);
  void read_held(Connection& connection);
  void read(Connection& connection, std::size_t size);
  void took_some(Connection& connection);
  /// How many bytes have come; with none there is nothing more to do.
  std::size_t receive(Connection& connection, std::span<char> buffer) {
    const Stream::Received got = connection.stream_.receive(buffer);
    if (got.status != Stream::Status::received) [[unlikely]]
      received_nothing(connection, got.status);
    counters_.bytes_received.add(got.size);
    return got.size;
  }
  void received_nothing(Connection& connection, Stream::Status status);
  void came_from_socket(Connection& connection, bool filled_buffer);
  void process(Connection& connection, std::span<char> input);
  bool slice_is_over(std::size_t bytes);
  /// Something has come from it, or it has taken something.
  void seen_alive(Connection& connection) {
    if (!connection.pinged_) return quiet_.renew(connection, now_);
    connection.pinged_ = false;
    quiet_.add(connection, now_);
  }

  // loop_proxies.cpp
  bool may_announce(const FileDescriptor& fd);
  bool is_proxy(const Connection& connection) const;
  void read_announcement(Connection& connection);
  void note_forwarded(Connection& connection, std::string_view head);
  void came_from(Connection& connection, std::string_view address);

  // loop_http.cpp
  void upgrade(Connection& connection, std::span<char> input);
  bool may_connect(const Connection& connection, const websocket::RequestHead& head);
  void accept_upgrade(Connection& connection, const websocket::RequestHead& head, std::string_view received);
  void answer_request(Connection& connection, const websocket::RequestHead& head, std::string_view body);
  void finish_request(Connection& connection, std::string_view response);

  void read_frames(Connection& connection, std::span<char> input);
  bool handle_frame(Connection& connection, const websocket::Event& event);
  void peer_closed(Connection& connection, const websocket::Event& event);
  void fail(Connection& connection, const websocket::Event& event);
  void hold(Connection& connection, std::span<char> rest);
  void drop_held(Connection& connection) noexcept;
  websocket::ReaderContext reader_context(Connection& connection);
  ConnectionQueue& queue_of(const Connection& connection) noexcept;
  void mark_readable(Connection& connection);

  // loop_tls.cpp
  void secure(Connection& connection);
  bool begin_tls(Connection& connection, char first);
  void refuse_plain(Connection& connection, char first);
  void handshake_failed(Connection& connection, tls::HandshakeOutcome outcome, std::string_view why);
  void note_handshake(Connection& connection, tls::HandshakeOutcome outcome) noexcept;
  void read_tls(Connection& connection, std::size_t size);
  void open_records(Connection& connection, std::string_view received);
  void end_tls(Connection& connection);

  // loop_close.cpp
  void note_close(Connection& connection, std::uint16_t code, std::string_view reason) noexcept;
  void begin_closing(Connection& connection, std::uint16_t code, std::string_view reason);
  void finish_sending(Connection& connection);
  void lose(Connection& connection, std::uint16_t code, std::string_view reason) noexcept;
  void list_closed(Connection& connection) noexcept;
  void watch(int fd, void* data, std::uint32_t events);

  LoopOptions options_;
  Application& application_;
  http::Origins origins_;
  http::Proxies proxies_;
  bool told_of_forwarding_ = false;
  LoopCounters counters_;
  DurationHistogram tick_durations_;
  DurationHistogram handshake_durations_;
  DeliveryLag lag_;
  Clock::time_point taken_in_{};
  Outbox outbox_;

  FileDescriptor epoll_;
  std::shared_ptr<Wakeup> wakeup_ = std::make_shared<Wakeup>();
  std::vector<Listener> listeners_;
  bool stopping_ = false;
  bool accepting_ = true;
  bool accept_paused_ = false;
  std::size_t descriptor_limit_ = 0;  // the first that is left free
  TimePoint accept_again_{};
  TimePoint accept_logged_{};

  TimePoint now_;
  TimePoint input_seen_;
  TimePoint full_since_{};         // of the first of the turns in a row that had more events than they could take
  std::uint64_t full_events_ = 0;  // of those turns
  std::unique_ptr<char[]> buffer_;
  std::unique_ptr<char[]> records_;                // received ones; none without TLS
  std::unique_ptr<websocket::Inflater> inflater_;  // of all connections without context takeover
  Connection* reading_ = nullptr;
  std::unique_ptr<Connection::HeldInput> processing_;  // what is being read, if it had been held
  std::size_t held_bytes_ = 0;                         // of all connections

  // How much of this turn has been used.
  Clock::time_point looked_{};  // when the clock was last looked at
  std::size_t since_look_ = 0;  // bytes of messages, and a little for each

  PhaseList upgrading_;
  PhaseList answering_{kAnswerTimeout};
  PhaseList closing_{kCloseTimeout};
  QuietList quiet_;
  QuietList pinged_;

  ConnectionQueue readable_;    // with input that has not been read
  ConnectionQueue securing_;    // those of them whose TLS handshake is not done; they come after the others
  ConnectionQueue busy_;        // those with more of it than a turn has time for; they come after the others
  ConnectionQueue to_reap_;     // closed: the application is to be told, or they are to be deleted
  bool some_unlisted_ = false;  // one that is closed found no memory for its place in to_reap_
  QuietList graveyard_{Millis::zero()};
  std::size_t reads_ = 0;  // connections read from this turn
};

}  // namespace hearth::net
