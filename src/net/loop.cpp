#include "net/loop.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace hearth::net {

namespace {

constexpr int kMaxEvents = 512;

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
      outbox_({options_.backpressure_limit, options_.deflate}, counters_, application),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      buffer_(new char[kReceiveBuffer]),
      upgrading_(options_.upgrade_timeout),
      quiet_(quiet_length(options_)),
      pinged_(options_.idle_timeout - options_.idle_timeout / 2) {
  if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  watch(wakeup_->fd(), wakeup_.get(), EPOLLIN);
}

Loop::~Loop() {
  std::vector<Connection*> left;
  for_each([&](Connection& connection) { left.push_back(&connection); });
  for (Connection* connection : left) delete connection;
  for (Connection* connection : graveyard_) delete connection;
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
  while (!stopping_) {
    wait();
    read_ready();
    application_.tick();
    expire();
    settle();
    counters_.ticks.add();
  }
}

void Loop::wait() {
  std::array<epoll_event, kMaxEvents> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), kMaxEvents, wait_milliseconds());
  now_ = clock_now();
  for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)]);
}

int Loop::wait_milliseconds() {
  if (!to_reap_.empty() || !outbox_.idle()) return 0;
  if (!readable_.empty() && !application_.congested()) return 0;
  std::optional<TimePoint> next = application_.next_deadline();
  earliest(next, upgrading_.next());
  earliest(next, closing_.next());
  earliest(next, quiet_.next());
  earliest(next, pinged_.next());
  if (accept_paused_) earliest(next, std::optional(accept_again_));
  if (!next) return -1;
  const auto left = (*next - clock_now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

void Loop::handle(const epoll_event& event) {
  if (event.data.ptr == wakeup_.get()) return wakeup_->clear();
  for (Listener& listener : listeners_) {
    if (event.data.ptr == &listener) return accept_from(listener);
  }
  auto& connection = *static_cast<Connection*>(event.data.ptr);
  if (connection.phase_ == Connection::Phase::dead) return;
  if ((event.events & EPOLLOUT) != 0) outbox_.writable(connection);
  if ((event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) connection.peer_ended_ = true;
  if ((event.events & EPOLLIN) != 0 || connection.peer_ended_) mark_readable(connection);
}

void Loop::read_ready() {
  if (readable_.empty() || application_.congested()) return;
  std::vector<Connection*> ready;
  ready.swap(readable_);
  for (Connection* connection : ready) {
    connection->readable_ = false;
    ++reads_;
    if (connection->phase_ != Connection::Phase::dead) read(*connection);
  }
  // Most ticks nobody is left over, and the vector's memory serves the next one.
  if (readable_.empty()) {
    ready.clear();
    readable_.swap(ready);
  }
}

// Those that are upgrading or closing have a deadline of their own, and of those that are paused nothing is heard
// because nobody listens.
bool Loop::may_be_quiet(const Connection& connection) {
  return !connection.is_open() || connection.paused_by_application_;
}

void Loop::expire() {
  while (Connection* connection = upgrading_.expired(now_)) lose(*connection, 1006, "Upgrade timeout");
  while (Connection* connection = closing_.expired(now_)) lose(*connection, 1006, "Close timeout");
  while (Connection* connection = quiet_.expired(now_)) {
    if (may_be_quiet(*connection)) {
      quiet_.add(*connection, now_);
    } else if (options_.send_pings) {
      outbox_.send_control(*connection, websocket::Opcode::ping, {});
      connection->pinged_ = true;
      pinged_.add(*connection, now_);
    } else {
      lose(*connection, 1006, "Idle timeout");
    }
  }
  while (Connection* connection = pinged_.expired(now_)) {
    if (may_be_quiet(*connection)) {
      pinged_.add(*connection, now_);
    } else {
      lose(*connection, 1006, "Idle timeout");
    }
  }
  if (accept_paused_ && accept_again_ <= now_) resume_accepting();
}

// What leaves may break connections, and telling the application of those may make more leave: until nothing is left.
void Loop::settle() {
  do {
    reap();
    outbox_.flush_turn(std::exchange(reads_, 0));
    for (Connection* connection : outbox_.take_broken()) lose(*connection, 1006, "Connection reset");
    for (Connection* connection : outbox_.take_finished()) finish_sending(*connection);
  } while (!to_reap_.empty());
  bury();
}

void Loop::reap() {
  while (!to_reap_.empty()) {
    std::vector<Connection*> closed;
    closed.swap(to_reap_);
    for (Connection* connection : closed) {
      connection->reaped_ = false;
      if (connection->opened_) {
        connection->opened_ = false;
        const auto& note = *connection->close_note_;
        application_.closed(*connection, note.code, note.reason);
      }
      if (connection->phase_ == Connection::Phase::dead) graveyard_.push_back(connection);
    }
  }
}

void Loop::bury() {
  std::erase_if(graveyard_, [](Connection* connection) {
    if (connection->readable_ || connection->dirty_) return false;  // it leaves those lists first
    delete connection;
    return true;
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

void Loop::drop(Connection& connection) {
  counters_.messages_dropped.add();
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
