#include "broker/redis_presence.hpp"

#include "broker/presence_commands.hpp"
#include "log/quoted.hpp"
#include "redis/slots.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace hearth::broker {

namespace {

std::string channel_of_room(std::string_view room) { return std::string(kPresenceChannel).append(room); }

HistoryError why_not(const redis::RespReply* reply) {
  return reply != nullptr ? HistoryError::refused : HistoryError::unavailable;
}

}  // namespace

RedisPresence::RedisPresence(const boost::asio::any_io_executor& executor, const RedisOptions& options, redis::Tls* tls,
                             redis::ClusterMap* map, std::string self, Events events)
    : executor_(executor),
      map_(map),
      self_(std::move(self)),
      events_(std::move(events)),
      servers_(options, map,
               [executor, tls, owner = static_cast<PresenceLink::Owner*>(this)](RedisOptions of_one, bool takes_over) {
                 return std::make_unique<PresenceLink>(executor, std::move(of_one), tls, takes_over, *owner);
               }) {
  if (map_ == nullptr) return;
  map_->listen({.told = [this](bool /*is_another*/) { map_told(); },
                .down =
                    [this](const std::string& reason) {
                      if (started_) events_.down(reason);
                    }});
}

void RedisPresence::look(std::optional<std::chrono::milliseconds> life, Done<LivingInstances> done) {
  ask(kNodesKey, look_command(self_, life), [this, done = std::move(done)](const redis::RespReply* reply) {
    auto living = reply != nullptr ? read_living(*reply) : std::nullopt;
    if (living) {
      // ⚑ Another server may have answered than before, which has not all that this instance has said.
      living->was_missing = std::exchange(may_be_lost_, false) || living->was_missing;
      return done(*std::move(living));
    }
    if (reply != nullptr) complain("tell which instances live", *reply);
    done(why_not(reply));
  });
}

void RedisPresence::write(const PresenceReport& report, Done<void> done) {
  ask(presence_key(report.room), write_command(self_, report),
      [this, done = std::move(done)](const redis::RespReply* reply) {
        if (reply != nullptr && !reply->is_error()) return done(Result<void>());
        if (reply != nullptr) complain("keep who is in a room", *reply);
        done(why_not(reply));
      });
}

// In a Cluster who lives and who is in a room are with different masters.
void RedisPresence::read(std::string_view room, Done<std::vector<PresenceEntry>> done) {
  if (map_ == nullptr) return ask(presence_key(room), presence_read_command(room), entries_for(std::move(done)));
  ask(kNodesKey, look_command(self_, {}),
      [this, room = std::string(room), done = std::move(done)](const redis::RespReply* reply) {
        const auto living = reply != nullptr ? read_living(*reply) : std::nullopt;
        if (!living) return done(why_not(reply));
        read_of(room, living->instances, done);
      });
}

void RedisPresence::read_of(const std::string& room, const std::vector<std::string>& living,
                            Done<std::vector<PresenceEntry>> done) {
  if (living.empty()) return done(std::vector<PresenceEntry>());
  ask(presence_key(room), presence_read_command(room, living), entries_for(std::move(done)));
}

RedisPresence::Answer RedisPresence::entries_for(Done<std::vector<PresenceEntry>> done) {
  return [this, done = std::move(done)](const redis::RespReply* reply) {
    auto entries = reply != nullptr ? read_entries(*reply) : std::nullopt;
    if (entries) return done(*std::move(entries));
    if (reply != nullptr) complain("tell who is in a room", *reply);
    done(why_not(reply));
  };
}

// In a Cluster it may come to live again while it is found out that it does not: then it says something, and what it
// had said before is not there any more to be forgotten.
void RedisPresence::forget(std::string_view room, std::string_view instance) {
  if (map_ == nullptr) {
    return ask(presence_key(room), forget_command(room, instance), [](const redis::RespReply* /*reply*/) {});
  }
  ask(presence_key(room), redis::RespCommand::of({"HGET", presence_key(room), instance}),
      [this, room = std::string(room), instance = std::string(instance)](const redis::RespReply* reply) {
        if (reply != nullptr && reply->is(0, redis::RespReply::Type::string)) {
          forget_entry(room, instance, std::string(reply->text()));
        }
      });
}

void RedisPresence::forget_entry(const std::string& room, const std::string& instance, const std::string& entry) {
  ask(kNodesKey, look_command(self_, {}), [this, room, instance, entry](const redis::RespReply* reply) {
    const auto living = reply != nullptr ? read_living(*reply) : std::nullopt;
    if (!living) return;
    const auto& lives = living->instances;
    if (std::find(lives.begin(), lives.end(), instance) != lives.end()) return;
    ask(presence_key(room), forget_command(room, instance, entry), [](const redis::RespReply* /*reply*/) {});
  });
}

void RedisPresence::watch(std::string_view room) { events_.watch(channel_of_room(room), true); }
void RedisPresence::unwatch(std::string_view room) { events_.watch(channel_of_room(room), false); }

void RedisPresence::open() {
  const std::lock_guard lock(mutex_);
  is_open_ = true;
}

void RedisPresence::ask(std::string_view key, redis::RespCommand command, Answer answer) {
  const std::uint16_t slot = map_ != nullptr ? redis::slot_of(key) : 0;
  {
    const std::lock_guard lock(mutex_);
    if (is_open_) {
      asked_.push_back({std::move(command), std::exchange(answer, nullptr), slot});
      if (asked_.size() > 1) return;  // whoever asked the first has posted it
    }
  }
  if (answer) return call(answer, nullptr);
  boost::asio::post(executor_, [this] { take_asked(); });
}

void RedisPresence::take_asked() {
  std::vector<PresenceQuestion> asked;
  {
    const std::lock_guard lock(mutex_);
    asked.swap(asked_);
  }
  for (PresenceQuestion& question : asked) {
    PresenceLink* const link = servers_.of(question.slot);
    send(std::move(question), link, false);
  }
}

void RedisPresence::send(PresenceQuestion question, PresenceLink* to, bool is_asking) {
  if (to == nullptr || !to->is_up() || bytes() > kMostBytes) return call(question.answer, nullptr);
  to->send(std::move(question), is_asking);
}

std::size_t RedisPresence::bytes() const {
  std::size_t sum = 0;
  for (const auto& link : servers_.links()) sum += link->bytes();
  return sum;
}

void RedisPresence::start() {
  started_ = true;
  servers_.start();
  if (map_ != nullptr && map_->is_known()) map_told();
}

void RedisPresence::map_told() {
  if (!started_) return;
  servers_.take([](const PresenceLink& link) { return link.bytes() > 0; });
  if (servers_.any_away()) map_->doubt();
  events_.up();
}

void RedisPresence::presence_link_up(PresenceLink& /*link*/, bool is_again) {
  may_be_lost_ = may_be_lost_ || is_again;
  events_.up();
}

void RedisPresence::presence_link_down(PresenceLink& link, const std::string& reason) {
  if (map_ != nullptr) map_->doubt();
  if (servers_.is_master(link)) events_.down(reason);
}

void RedisPresence::presence_answered(PresenceLink& link, PresenceQuestion question, const redis::RespReply* reply) {
  using Kind = redis::Redirect::Kind;
  const auto redirect = map_ != nullptr && reply != nullptr && reply->is_error()
                            ? redis::read_redirect(reply->text(), link.endpoint().host)
                            : std::nullopt;
  if (!redirect) return call(question.answer, reply);
  const bool is_asking = redirect->kind == Kind::ask;
  if (redirect->kind == Kind::moved) map_->moved(redirect->slot, redirect->to);
  // Whoever has asked asks again after a while.
  if (redirect->kind == Kind::later || ++question.redirects > kMostRedirects) {
    map_->doubt();
    return call(question.answer, nullptr);
  }
  PresenceLink* const next = is_asking ? &servers_.node(redirect->to) : servers_.of(question.slot);
  send(std::move(question), next, is_asking);
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
  started_ = false;
  servers_.stop();
}

}  // namespace hearth::broker
