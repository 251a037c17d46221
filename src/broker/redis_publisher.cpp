#include "broker/redis_publisher.hpp"

#include "log/quoted.hpp"
#include "protocol/broker_envelope.hpp"
#include "redis/pulse.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <optional>
#include <utility>

namespace hearth::broker {

namespace {

constexpr std::chrono::milliseconds kCountPause{50};  // between questions how many have subscribed again

}  // namespace

RedisPublisher::RedisPublisher(const boost::asio::any_io_executor& executor, const RedisOptions& options,
                               redis::Tls* tls, Settings settings, Events events)
    : options_(options),
      events_(std::move(events)),
      hold_({.notice = options.dead_peer_timeout / redis::Pulse::kPings, .resubscribe = options.resubscribe_time},
            settings.own_subscriptions),
      hold_timer_(executor),
      pipeline_(executor, options, tls, {.role = "publish", .max_wait = settings.max_wait}, *this) {}

void RedisPublisher::publish(std::string_view channel, std::string_view message, Done done) {
  redis::Pipeline::Done told;
  if (done) {
    told = [done = std::move(done)](const redis::Pipeline::Outcome& outcome) {
      done(outcome.error, outcome.reply != nullptr ? outcome.reply->integer() : 0);
    };
  }
  pipeline_.add({.command = redis::RespCommand::of({"PUBLISH", channel, message}), .done = std::move(told)});
}

void RedisPublisher::command(redis::RespCommand command) {
  pipeline_.add({.command = std::move(command),
                 .done =
                     [this](const redis::Pipeline::Outcome& outcome) {
                       if (outcome.failure == RedisFailure::none) ++commands_answered_;
                       if (outcome.failure == RedisFailure::refused) ++commands_refused_;
                     },
                 .on_break = redis::Pipeline::OnBreak::resend});
}

void RedisPublisher::ask(const redis::RespCommand& command, std::function<void(const redis::RespReply&)> done) {
  pipeline_.send_ahead(command, [done = std::move(done)](const redis::Pipeline::Outcome& outcome) {
    if (outcome.reply != nullptr) done(*outcome.reply);
  });
}

void RedisPublisher::finish(std::chrono::milliseconds patience) {
  finishing_ = true;
  hold_timer_.cancel();
  hold_.give_up();  // better to some than to nobody
  pipeline_.finish(patience);
}

void RedisPublisher::pipeline_up() {
  // A Cluster's node knows of its own subscribers alone.
  tells_count_ = options_.topology != RedisTopology::cluster;
  counted_ = !tells_count_;
  hold_.link_up(OutageHold::Clock::now());
  if (finishing_) hold_.give_up();
  if (hold_.holds()) watch_hold();
  pipeline_.hold();
  if (events_.connected) events_.connected();
  count_again();
  go_on();
}

void RedisPublisher::go_on() {
  if (!is_up()) return;
  events_.up();
  pipeline_.release();
}

void RedisPublisher::watch_hold() {
  hold_timer_.expires_after(kCountPause);
  hold_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || !pipeline_.is_up()) return;
    hold_.look(OutageHold::Clock::now());
    if (!hold_.holds()) return go_on();
    count_again();
    watch_hold();
  });
}

void RedisPublisher::pipeline_down(const std::string& reason) {
  hold_timer_.cancel();
  hold_.link_down(OutageHold::Clock::now());
  events_.down(reason);
}

void RedisPublisher::count_again() {
  if (!tells_count_) return;
  const std::string channel = protocol::channel_of(Target::everybody());
  pipeline_.send_ahead(redis::RespCommand::of({"PUBSUB", "NUMSUB", channel}),
                       [this](const redis::Pipeline::Outcome& outcome) {
                         if (outcome.reply != nullptr) counted(*outcome.reply);
                       });
}

void RedisPublisher::counted(const redis::RespReply& reply) {
  tells_count_ = !reply.is_error();
  const bool was_up = is_up();
  counted_ = true;
  hold_.subscribers(reply.is_array() ? std::optional(reply.integer(2)) : std::nullopt);
  if (!was_up) go_on();
}

void RedisPublisher::pipeline_overflowed() {
  events_.warn("overflow", "more waits to be published than may (" + std::to_string(options_.queue_limit) +
                               " bytes); the oldest messages are dropped");
}

void RedisPublisher::pipeline_refused(std::string_view error) {
  events_.warn("refused", "Redis refused a message: " + log::quoted(error));
}

void RedisPublisher::pipeline_done_threw() {
  events_.warn("callback", "whoever was told what became of a message threw an exception");
}

}  // namespace hearth::broker
