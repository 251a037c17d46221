#include "broker/redis_presence.hpp"

#include "broker/presence_commands.hpp"
#include "log/quoted.hpp"
#include "redis/locator.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <utility>

namespace hearth::broker {

namespace {

std::string channel_of_room(std::string_view room) { return std::string(kPresenceChannel).append(room); }

}  // namespace

RedisPresence::RedisPresence(const boost::asio::any_io_executor& executor, const RedisOptions& options, redis::Tls* tls,
                             std::string self, Events events)
    : executor_(executor),
      self_(std::move(self)),
      events_(std::move(events)),
      link_(executor, options, tls, "presence", *this) {}

void RedisPresence::look(std::optional<std::chrono::milliseconds> life, Done<LivingInstances> done) {
  ask(look_command(self_, life), [this, done = std::move(done)](const redis::RespReply* reply) {
    auto living = reply != nullptr ? read_living(*reply) : std::nullopt;
    if (living) {
      // ⚑ Another server may have answered than before, which has not all that this instance has said.
      living->was_missing = std::exchange(was_down_, false) || living->was_missing;
      return done(*std::move(living));
    }
    if (reply != nullptr) complain("tell which instances live", *reply);
    done(reply != nullptr ? HistoryError::refused : HistoryError::unavailable);
  });
}

void RedisPresence::write(const PresenceReport& report, Done<void> done) {
  ask(write_command(self_, report), [this, done = std::move(done)](const redis::RespReply* reply) {
    if (reply == nullptr) return done(HistoryError::unavailable);
    if (!reply->is_error()) return done(Result<void>());
    complain("keep who is in a room", *reply);
    done(HistoryError::refused);
  });
}

void RedisPresence::read(std::string_view room, Done<std::vector<PresenceEntry>> done) {
  ask(presence_read_command(room), [this, done = std::move(done)](const redis::RespReply* reply) {
    auto entries = reply != nullptr ? read_entries(*reply) : std::nullopt;
    if (entries) return done(*std::move(entries));
    if (reply != nullptr) complain("tell who is in a room", *reply);
    done(reply != nullptr ? HistoryError::refused : HistoryError::unavailable);
  });
}

void RedisPresence::forget(std::string_view room, std::string_view instance) {
  ask(forget_command(room, instance), [](const redis::RespReply* /*reply*/) {});
}

void RedisPresence::watch(std::string_view room) { events_.watch(channel_of_room(room), true); }
void RedisPresence::unwatch(std::string_view room) { events_.watch(channel_of_room(room), false); }

void RedisPresence::open() {
  const std::lock_guard lock(mutex_);
  is_open_ = true;
}

void RedisPresence::ask(redis::RespCommand command, Answer answer) {
  {
    const std::lock_guard lock(mutex_);
    if (is_open_) {
      asked_.push_back({std::move(command), std::exchange(answer, nullptr)});
      if (asked_.size() > 1) return;  // whoever asked the first has posted it
    }
  }
  if (answer) return call(answer, nullptr);
  boost::asio::post(executor_, [this] { take_asked(); });
}

void RedisPresence::take_asked() {
  std::vector<Question> asked;
  {
    const std::lock_guard lock(mutex_);
    asked.swap(asked_);
  }
  std::string batch;
  for (Question& question : asked) {
    if (!link_.is_up() || bytes_ > kMostBytes) {
      call(question.answer, nullptr);
      continue;
    }
    batch += question.command.bytes();
    bytes_ += question.command.size();
    awaited_.push_back({question.command.size(), std::move(question.answer)});
  }
  if (!batch.empty()) link_.send(batch);
}

void RedisPresence::link_down(const std::string& reason) {
  bytes_ = 0;
  was_down_ = true;
  for (const Awaited& awaited : std::exchange(awaited_, {})) call(awaited.answer, nullptr);
  events_.down(reason);
}

// A master that has become a replica answers reads as before.
void RedisPresence::link_ping() {
  link_.send(redis::RespCommand::of({"ROLE"}).bytes());
  awaited_.push_back({0, [this](const redis::RespReply* reply) {
                        if (reply != nullptr && !redis::may_be_master(*reply)) link_.fail(redis::kNoMasterAnyMore);
                      }});
}

void RedisPresence::link_reply(const redis::RespReply& reply) {
  if (awaited_.empty()) return link_.fail("Redis answered what it was not asked: " + log::quoted(reply.text()));
  const Awaited awaited = std::move(awaited_.front());
  awaited_.pop_front();
  bytes_ -= awaited.bytes;
  call(awaited.answer, &reply);
}

void RedisPresence::call(const Answer& answer, const redis::RespReply* reply) const {
  try {
    answer(reply);
  } catch (...) {
    events_.warn("callback", "whoever was told what became of a question about who is in rooms threw an exception");
  }
}

void RedisPresence::complain(std::string_view what, const redis::RespReply& reply) const {
  events_.warn("presence", "Redis refused to " + std::string(what) + ": " +
                               (reply.is_error() ? log::quoted(reply.text()) : "with what is no answer"));
}

void RedisPresence::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_open_ = false;
  }
  take_asked();
  link_.stop();
  for (const Awaited& awaited : std::exchange(awaited_, {})) call(awaited.answer, nullptr);
}

}  // namespace hearth::broker
