#pragma once

#include "hearth/options.hpp"
#include "net/connection.hpp"
#include "net/counters.hpp"
#include "net/listener.hpp"
#include "net/outbox.hpp"
#include "net/sealer.hpp"
#include "net/wakeup.hpp"
#include "websocket/deflate.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct epoll_event;

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
  std::function<void(LogLevel, std::string_view)> log;
};

/// What a loop does its work for. All calls come on the loop's thread; none may throw.
class Application : public Sealer {
 public:
  virtual std::unique_ptr<Connection> make_connection() { return std::make_unique<Connection>(); }
  /// The upgrade is done.
  virtual void opened(Connection& connection) = 0;
  /// A whole message, in place: the bytes may be overwritten, and are gone after the call.
  virtual void received(Connection& connection, websocket::Opcode opcode, std::span<char> message) = 0;
  /// Once for each connection that was opened, as soon as it is not open any more. 1006: without a close frame.
  virtual void closed(Connection& connection, std::uint16_t code, std::string_view reason) = 0;
  /// A connection that was held back for not taking its answers has taken them.
  virtual void drained(Connection& connection) { static_cast<void>(connection); }
  /// Answers an HTTP request that asks for no WebSocket; empty: 404, or 426 if it is for the WebSocket path.
  virtual std::string plain_request(std::string_view method, std::string_view target) {
    static_cast<void>(method), static_cast<void>(target);
    return {};
  }

  /// Once a tick, after reading: does what has come from other threads (`Loop::wakeup`).
  virtual void tick() {}
  /// Whether reading from sockets must wait, because another thread cannot take what comes of it. Whoever ends that
  /// wakes the loop.
  virtual bool congested() { return false; }
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
  /// Ends `run` after this tick. What is still connected is cut off.
  void stop() noexcept { stopping_ = true; }

  /// From any thread: makes the loop turn.
  const std::shared_ptr<Wakeup>& wakeup() const noexcept { return wakeup_; }
  /// From any thread.
  const LoopCounters& counters() const noexcept { return counters_; }

  /// The tick's time.
  TimePoint now() const noexcept { return now_; }

  /// Encodes a message to send to any number of connections. Good until the next one is staged.
  Outgoing stage(websocket::Opcode opcode, std::span<const std::string_view> pieces) {
    return outbox_.stage(opcode, pieces);
  }
  Outgoing stage(std::span<const std::string_view> pieces) { return stage(websocket::Opcode::text, pieces); }
  /// False if it is not open or the message was dropped.
  bool send(Connection& connection, Outgoing& message);
  /// What is sent to it from now on leaves as `Sealer::seal` makes it.
  void begin_sealing(Connection& connection) noexcept { connection.seals_ = true; }
  /// Notes that a message did not get to it because too much was waiting, and closes it if that is the policy.
  void drop(Connection& connection);

  /// Whether it takes its answers: writes them now if they are many. If not, `drained` is called once it has.
  bool takes_answers(Connection& connection);

  /// Sends a close frame and gives the peer kCloseTimeout to answer. Nothing if it is not open.
  void close(Connection& connection, std::uint16_t code, std::string_view reason);
  /// Cuts it off at once.
  void terminate(Connection& connection) { lose(connection, 1006, "Terminated"); }

  void stop_accepting();
  /// Reads nothing more from it, until `resume`. What has arrived is kept.
  void pause(Connection& connection) { connection.paused_by_application_ = true; }
  void resume(Connection& connection);

  bool has_connections() const noexcept { return counters_.open.get() > 0; }
  /// Every connection that is not dead.
  template <class Function>
  void for_each(Function function) {
    quiet_.for_each(function);
    pinged_.for_each(function);
  }

  static constexpr Millis kCloseTimeout{5'000};
  /// The shared receive buffer, and so what a connection may read in one tick.
  static constexpr std::size_t kReceiveBuffer = std::size_t{128} * 1024;
  /// Answers to one connection past which they are written without waiting for the tick's end.
  static constexpr std::size_t kAnswersBeforeFlush = std::size_t{64} * 1024;

 private:
  using QuietList = DeadlineList<Connection, QuietDeadline>;
  using PhaseList = DeadlineList<Connection, PhaseDeadline>;

  // loop.cpp: the tick
  void wait();
  int wait_milliseconds();
  void handle(const epoll_event& event);
  void read_ready();
  void expire();
  static bool may_be_quiet(const Connection& connection);
  void settle();
  void reap();
  void bury();

  // loop_accept.cpp
  void accept_from(Listener& listener);
  void admit(FileDescriptor fd);
  void pause_accepting(int error);
  void resume_accepting();
  void watch_listeners();

  // loop_input.cpp: bytes in
  void read(Connection& connection);
  void process(Connection& connection, std::span<char> input);
  void upgrade(Connection& connection, std::span<char> input);
  void accept_upgrade(Connection& connection, const websocket::DeflateAgreement* deflate);
  void read_frames(Connection& connection, std::span<char> input);
  bool handle_frame(Connection& connection, const websocket::Event& event);
  void peer_closed(Connection& connection, const websocket::Event& event);
  void fail(Connection& connection, const websocket::Event& event);
  void hold(Connection& connection, std::span<char> input);
  websocket::ReaderContext reader_context(Connection& connection);
  void mark_readable(Connection& connection);

  // loop_close.cpp
  void note_close(Connection& connection, std::uint16_t code, std::string_view reason);
  void begin_closing(Connection& connection, std::uint16_t code, std::string_view reason);
  void finish_sending(Connection& connection);
  void lose(Connection& connection, std::uint16_t code, std::string_view reason);
  void watch(int fd, void* data, std::uint32_t events);

  const LoopOptions options_;
  Application& application_;
  LoopCounters counters_;
  Outbox outbox_;

  FileDescriptor epoll_;
  std::shared_ptr<Wakeup> wakeup_ = std::make_shared<Wakeup>();
  std::vector<Listener> listeners_;
  bool stopping_ = false;
  bool accepting_ = true;
  bool accept_paused_ = false;
  TimePoint accept_again_{};
  TimePoint accept_logged_{};

  TimePoint now_ = clock_now();
  std::unique_ptr<char[]> buffer_;
  std::unique_ptr<websocket::Inflater> inflater_;  // of all connections without context takeover
  Connection* reading_ = nullptr;

  PhaseList upgrading_;
  PhaseList closing_{kCloseTimeout};
  QuietList quiet_;
  QuietList pinged_;

  std::vector<Connection*> readable_;  // with input that has not been read
  std::vector<Connection*> to_reap_;   // closed: the application is to be told, or they are to be deleted
  std::vector<Connection*> graveyard_;
  std::size_t reads_ = 0;  // connections read from this turn
};

}  // namespace hearth::net
