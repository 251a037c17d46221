#include "net/loop.hpp"

#include "tls/handshake_outcome.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <limits>
#include <system_error>
#include <utility>

namespace hearth::net {

namespace {

constexpr int kMaxEvents = 512;

// What a turn spends on telling the application of connections that have closed, and how often it looks at the clock.
constexpr std::chrono::milliseconds kReapTime{2};
constexpr unsigned kReapsBetweenLooks = 16;

// Deadlines of one list that a turn looks at; the others are looked at in the next.
constexpr int kExpiriesATurn = 512;

// Half of idle_timeout passes before the ping, half after it; without pings it is all one.
Millis quiet_length(const LoopOptions& options) {
  return options.send_pings ? options.idle_timeout / 2 : options.idle_timeout;
}

template <class Time>
void earliest(std::optional<TimePoint>& least, const Time& candidate) {
  if (candidate && (!least || *candidate < *least)) least = candidate;
}

}  // namespace

Loop::Loop(LoopOptions options, Application& application)
    : options_(std::move(options)),
      application_(application),
      origins_(options_.origins),
      proxies_(options_.proxies),
      outbox_({options_.backpressure_limit, options_.deflate}, counters_, application),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      now_(in_millis(options_.clock())),
      input_seen_(now_),
      buffer_(new char[kReceiveBuffer]),
      upgrading_(options_.upgrade_timeout),
      quiet_(quiet_length(options_)),
      pinged_(options_.idle_timeout - options_.idle_timeout / 2) {
  if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  if (options_.tls) records_.reset(new char[kReceiveBuffer]);
  watch(wakeup_->fd(), wakeup_.get(), EPOLLIN);
}

Loop::~Loop() {
  find_unlisted();
  std::vector<Connection*> left;
  for_each([&](Connection& connection) { left.push_back(&connection); });
  for (Connection* connection : to_reap_) {
    if (connection->phase_ == Connection::Phase::dead) left.push_back(connection);
  }
  for (Connection* connection : left) delete connection;
  graveyard_.for_each([](Connection& connection) { delete &connection; });
}

void Loop::watch(int fd, void* data, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = data;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

void Loop::run() {
  while (!stopping_) turn(wait_milliseconds());
}

void Loop::turn(int most_wait) {
  wait(most_wait);
  const Clock::time_point began = looked_;
  read_ready();
  application_.tick();
  expire();
  settle();
  counters_.ticks.add();
  const Clock::time_point ended = options_.clock();
  tick_durations_.add(ended - began);
  lag_.end_turn(ended, outbox_.progress());
}

void Loop::wait(int most_wait) {
  std::array<epoll_event, kMaxEvents> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), kMaxEvents, most_wait);
  looked_ = options_.clock();
  now_ = in_millis(looked_);
  note_seen(count);
  for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)]);
}

// A call that gave fewer events than it could has given all that there were. Otherwise epoll goes round: once there
// were as many as there are connections, each has had its turn.
void Loop::note_seen(int events) {
  if (events < kMaxEvents) {
    input_seen_ = now_;
    full_events_ = 0;
    return;
  }
  if (full_events_ == 0) full_since_ = now_;
  full_events_ += kMaxEvents;
  if (full_events_ <= counters_.open.get() + listeners_.size() + 1) return;
  input_seen_ = full_since_;
  full_events_ = 0;
}

int Loop::wait_milliseconds() {
  if (!to_reap_.empty() || some_unlisted_ || !outbox_.idle()) return 0;
  const bool has_input = !readable_.empty() || !securing_.empty() || !busy_.empty();
  if (has_input && !application_.congested()) return 0;
  std::optional<TimePoint> next = application_.next_deadline();
  earliest(next, upgrading_.next());
  earliest(next, answering_.next());
  earliest(next, closing_.next());
  earliest(next, quiet_.next());
  earliest(next, pinged_.next());
  if (accept_paused_) earliest(next, std::optional(accept_again_));
  if (!next) return -1;
  const auto left = (*next - in_millis(options_.clock())).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

void Loop::handle(const epoll_event& event) {
  if (event.data.ptr == wakeup_.get()) return wakeup_->clear();
  for (Listener& listener : listeners_) {
    if (event.data.ptr == &listener) return accept_from(listener);
  }
  auto& connection = *static_cast<Connection*>(event.data.ptr);
  contain(connection, [&] { handle(connection, event.events); });
}

void Loop::handle(Connection& connection, std::uint32_t events) {
  if (connection.phase_ == Connection::Phase::dead) return;
  if ((events & EPOLLOUT) != 0 && outbox_.writable(connection)) seen_alive(connection);
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) connection.peer_ended_ = true;
  if ((events & EPOLLIN) != 0 || connection.peer_ended_) mark_readable(connection);
}

// What is thrown while a connection is being worked on, most likely for want of memory, costs that connection.
void Loop::cut_off(Connection& connection, const std::exception& error) noexcept {
  if (reading_ == &connection) {
    reading_ = nullptr;
    processing_.reset();
  }
  counters_.contained_errors.add();
  lose(connection, 1011, "Internal error");
  options_.log(LogLevel::error, "connection_failed", "a connection was cut off, something was thrown",
               {{"what", error.what()}});
}

// Those that are upgrading or closing have a deadline of their own, of those that are paused nothing is heard because
// nobody listens, and what has come from others waits for its turn.
bool Loop::is_spared(const Connection& connection) const {
  return !connection.is_open() || connection.paused_by_application_ || connection.readable_;
}

void Loop::expire() {
  // By then what had come was read: what comes since may lie in a socket, if the process was held up.
  const TimePoint seen = input_seen_;
  int left = kExpiriesATurn;
  for (Connection* c = nullptr; left > 0 && (c = upgrading_.expired(seen)) != nullptr; --left) {
    if (c->is_unread()) {
      upgrading_.add(*c, now_);
    } else {
      note_handshake(*c, tls::HandshakeOutcome::timeout);
      lose(*c, 1006, "Upgrade timeout");
    }
  }
  for (Connection* c = nullptr; left > 0 && (c = answering_.expired(seen)) != nullptr; --left) {
    lose(*c, 1006, "Answer timeout");
  }
  for (Connection* c = nullptr; left > 0 && (c = closing_.expired(seen)) != nullptr; --left) {
    lose(*c, 1006, "Close timeout");
  }
  for (Connection* c = nullptr; left > 0 && (c = quiet_.expired(seen)) != nullptr; --left) {
    if (is_spared(*c)) {
      quiet_.add(*c, now_);
    } else if (options_.send_pings) {
      contain(*c, [&] { outbox_.send_control(*c, websocket::Opcode::ping, {}); });
      if (c->phase_ == Connection::Phase::dead) continue;
      c->pinged_ = true;
      pinged_.add(*c, now_);
    } else {
      lose(*c, 1006, "Idle timeout");
    }
  }
  for (Connection* c = nullptr; left > 0 && (c = pinged_.expired(seen)) != nullptr; --left) {
    is_spared(*c) ? pinged_.add(*c, now_) : lose(*c, 1006, "Idle timeout");
  }
  if (accept_paused_ && accept_again_ <= now_) resume_accepting();
}

// What leaves may break connections, and telling the application of those may make more leave: until nothing is left,
// or enough for one turn is done.
void Loop::settle() {
  const auto until = options_.clock() + kReapTime;
  do {
    reap();
    outbox_.flush_turn(std::exchange(reads_, 0));
    for (Connection* connection : outbox_.take_broken()) lose(*connection, 1006, "Connection reset");
    for (Connection* connection : outbox_.take_finished()) {
      contain(*connection, [&] { finish_sending(*connection); });
    }
  } while (!to_reap_.empty() && options_.clock() < until);
  bury();
}

void Loop::reap() {
  if (some_unlisted_) find_unlisted();
  if (to_reap_.empty()) return;
  const auto until = options_.clock() + kReapTime;
  unsigned reaped = 0;
  for (std::size_t count = to_reap_.size(); count > 0; --count) {
    Connection* connection = to_reap_.pop();
    connection->reaped_ = false;
    if (connection->opened_ && !tell_closed(*connection)) {
      list_closed(*connection);  // there is more to do
    } else if (connection->phase_ == Connection::Phase::dead) {
      graveyard_.add(*connection, now_);
    }
    if (++reaped % kReapsBetweenLooks == 0 && options_.clock() > until) return;
  }
}

// What throws is tried again: an application that had not been told would go on using the connection.
bool Loop::tell_closed(Connection& connection) {
  const auto* note = connection.close_note_.get();
  bool done = false;
  contain(connection, [&] {
    done = note != nullptr ? application_.closed(connection, note->code, note->reason)
                           : application_.closed(connection, 1006, {});
  });
  if (done) connection.opened_ = false;
  return done;
}

// Those for which there was no memory in the list of the closed. Seldom enough to look through all.
void Loop::find_unlisted() {
  some_unlisted_ = false;
  const auto list = [this](Connection& connection) {
    const bool closed = connection.phase_ == Connection::Phase::dead || (connection.opened_ && !connection.is_open());
    if (closed && !connection.reaped_) list_closed(connection);
  };
  quiet_.for_each(list);
  pinged_.for_each(list);
  for (Connection* connection : to_reap_) {
    if (connection->phase_ == Connection::Phase::dead) QuietList::remove(*connection);
  }
}

void Loop::bury() {
  graveyard_.for_each([](Connection& connection) {
    if (!connection.readable_ && !connection.dirty_) delete &connection;  // it leaves those lists first
  });
}

bool Loop::send(Connection& connection, Outgoing& message) {
  if (&connection == reading_ || connection.expecting_answers_) connection.answering_ = true;
  switch (outbox_.send(connection, message)) {
    case Outbox::Sent::yes:
      return true;
    case Outbox::Sent::dropped:
      drop(connection);
      return false;
    case Outbox::Sent::not_open:
      break;
  }
  return false;
}

void Loop::send_whole(Connection& connection, Outgoing& message) {
  outbox_.send(connection, message, std::numeric_limits<std::size_t>::max() / 2);
}

void Loop::drop(Connection& connection) {
  counters_.messages_dropped.add();
  application_.dropped(connection);
  if (options_.slow_consumer == SlowConsumer::close) begin_closing(connection, 1013, "Slow consumer");
}

bool Loop::takes_answers(Connection& connection) {
  if (connection.answering_ && connection.pending_bytes_ > kAnswersBeforeFlush) outbox_.flush(connection);
  return !connection.paused_by_backlog_;
}

void Loop::resume(Connection& connection) {
  if (!connection.paused_by_application_) return;
  connection.paused_by_application_ = false;
  mark_readable(connection);
}

}  // namespace hearth::net
