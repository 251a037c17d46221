#include "broker/redis_subscriber.hpp"

#include "broker/log_commands.hpp"
#include "broker/presence_commands.hpp"
#include "log/quoted.hpp"
#include "protocol/broker_envelope.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace hearth::broker {

namespace {

constexpr std::size_t kChannelsACommand = 512;
constexpr std::string_view kSubscribe = "SUBSCRIBE";
constexpr std::string_view kPatternSubscribe = "PSUBSCRIBE";
constexpr std::string_view kBroadcast = "ws:broadcast";
constexpr std::string_view kRooms = "ws:room:*";
constexpr std::string_view kSubscribed = "subscribed";  // what the ping after the first subscriptions says

redis::RespCommand with_channels(std::string_view command, std::span<const std::string> channels) {
  std::vector<std::string_view> arguments{command};
  arguments.insert(arguments.end(), channels.begin(), channels.end());
  return redis::RespCommand(arguments);
}

}  // namespace

RedisSubscriber::RedisSubscriber(const boost::asio::any_io_executor& executor, const RedisOptions& options,
                                 redis::Tls* tls, Events events)
    : executor_(executor),
      options_(options),
      events_(std::move(events)),
      wanted_(options.unsubscribe_delay),
      link_(executor, options, tls, "subscribe", *this),
      expiry_(executor) {}

bool RedisSubscriber::subscribe(std::vector<std::string> channels, std::function<void()> done) {
  std::vector<std::string> told;
  if (tells_active_) told = channels;
  const auto wish = wanted_.add(std::move(channels), std::move(done));
  if (wish.work || !told.empty()) {
    // What is new is told when it is confirmed.
    boost::asio::post(executor_, [this, told = std::move(told)] {
      tell_active_of(told);
      subscribe_new();
    });
  }
  return !wish.waits;
}

/// Of those that are.
void RedisSubscriber::tell_active_of(std::span<const std::string> channels) {
  std::vector<std::string> active;
  const bool all = options_.subscriptions == RedisSubscriptions::pattern;
  for (const std::string& channel : channels) {
    if (all ? has_pattern_ : wanted_.is_active(channel)) active.push_back(channel);
  }
  if (!active.empty()) events_.active(active);
}

void RedisSubscriber::unsubscribe(std::span<const std::string> channels) {
  if (wanted_.remove(channels)) boost::asio::post(executor_, [this] { await_expiry(); });
}

void RedisSubscriber::stop() {
  stopped_ = true;
  expiry_.cancel();
  link_.stop();
}

void RedisSubscriber::link_up() {
  opening_ = 0;
  broadcast_asked_ = false;
  run_id_asked_ = tells_active_;
  if (run_id_asked_) link_.send(redis::RespCommand::of({"INFO", "server"}).bytes());
  if (options_.subscriptions == RedisSubscriptions::pattern) {
    std::vector<std::string> patterns{"ws:client:*", "ws:user:*"};
    if (hears_presence_) patterns.push_back(std::string(kPresenceChannel) + '*');
    patterns.emplace_back(kRooms);  // the last: with it all that is wanted is active
    ask(kPatternSubscribe, {.channels = std::move(patterns), .opening = true, .essential = true});
  } else {
    ask_in_parts(wanted_.connect(), true);
  }
  ask(kSubscribe, {.channels = {std::string(protocol::kControlChannel)}, .opening = true, .control = true});
}

// Others hold what they have for us until we have subscribed to everybody's channel; so that is the last.
void RedisSubscriber::go_on_opening() {
  if (opening_ > 0) return;
  if (!std::exchange(broadcast_asked_, true)) {
    ask(kSubscribe, {.channels = {std::string(kBroadcast)}, .opening = true, .essential = true});
  } else {
    link_.send(redis::RespCommand::of({"PING", kSubscribed}).bytes());
  }
}

void RedisSubscriber::link_down(const std::string& reason) {
  ready_ = false;
  hears_control_ = false;
  has_pattern_ = false;
  run_id_asked_ = false;
  run_id_.clear();
  asked_.clear();
  pings_.clear();
  call_all(wanted_.disconnect());
  events_.down(reason);
}

void RedisSubscriber::link_ping() {
  pings_.push_back(std::chrono::system_clock::now());
  link_.send(redis::RespCommand::of({"PING", ""}).bytes());
}

void RedisSubscriber::ask(std::string_view command, Asked asked) {
  link_.send(with_channels(command, asked.channels).bytes());
  if (asked.opening) ++opening_;
  asked_.push_back(std::move(asked));
}

void RedisSubscriber::ask_in_parts(std::vector<std::string> channels, bool opening) {
  auto next = channels.begin();
  while (next != channels.end()) {
    const auto end = next + std::min<std::ptrdiff_t>(kChannelsACommand, channels.end() - next);
    ask(kSubscribe, {.channels = {std::make_move_iterator(next), std::make_move_iterator(end)}, .opening = opening});
    next = end;
  }
}

void RedisSubscriber::subscribe_new() {
  if (link_.is_up()) ask_in_parts(wanted_.take(), false);
}

void RedisSubscriber::await_expiry() {
  const auto next = wanted_.next_expiry();
  if (!next || stopped_) return;
  expiry_.expires_at(*next);
  expiry_.async_wait([this](const boost::system::error_code& error) {
    if (error || stopped_) return;
    const std::vector<std::string> gone = wanted_.expire(WantedChannels::Clock::now());
    if (link_.is_up()) unsubscribe_from(gone);
    await_expiry();
  });
}

void RedisSubscriber::unsubscribe_from(std::span<const std::string> channels) {
  if (options_.subscriptions == RedisSubscriptions::pattern) return;
  while (!channels.empty()) {
    const auto part = channels.first(std::min(channels.size(), kChannelsACommand));
    link_.send(with_channels("UNSUBSCRIBE", part).bytes());
    channels = channels.subspan(part.size());
  }
}

void RedisSubscriber::link_reply(const redis::RespReply& reply) {
  if (std::exchange(run_id_asked_, false)) {
    run_id_ = read_run_id(reply);
    return;
  }
  if (reply.is_error()) return refused(reply.text());
  if (!reply.is_array()) return answered(reply.text());  // a ping's answer before the first subscription
  const std::string_view kind = reply.text(1);
  if (kind == "message") {
    message(reply.text(2), reply.text(3));
  } else if (kind == "pmessage") {
    message(reply.text(3), reply.text(4));
  } else if (kind == "subscribe" || kind == "psubscribe") {
    confirmed(reply.text(2));
  } else if (kind == "pong") {
    answered(reply.text(2));
  }
}

void RedisSubscriber::call_all(const WantedChannels::Callbacks& callbacks) const {
  for (const auto& callback : callbacks) {
    try {
      callback();
    } catch (...) {
      events_.warn("callback", "whoever waited for a subscription threw an exception");
    }
  }
}

void RedisSubscriber::message(std::string_view channel, std::string_view payload) {
  if (channel == kBroadcast || channel == protocol::kControlChannel || wanted_.is_wanted(channel))
    events_.message(channel, payload);
}

void RedisSubscriber::confirmed(std::string_view channel) {
  const bool all = !asked_.empty() && ++asked_.front().confirmed == asked_.front().channels.size();
  if (channel == protocol::kControlChannel) hears_control_ = true;
  const auto callbacks = wanted_.confirm(channel);
  has_pattern_ = has_pattern_ || channel == kRooms;
  if (tells_active_) {
    const std::string name(channel);
    if (channel == kRooms) {
      tell_active_of(wanted_.wanted());
    } else {
      tell_active_of({&name, 1});
    }
  }
  call_all(callbacks);
  if (all) settle_first();
}

void RedisSubscriber::settle_first() {
  const bool opening = asked_.front().opening;
  asked_.pop_front();
  if (!opening) return;
  --opening_;
  go_on_opening();
}

void RedisSubscriber::refused(std::string_view error) {
  const std::string reason = log::quoted(error);
  if (asked_.empty()) return link_.fail("Redis says " + reason);
  const Asked asked = asked_.front();
  if (asked.essential) return link_.fail("the subscription was refused: " + reason);
  if (asked.channels.size() > 1) {  // one of them is not allowed; which one?
    for (const std::string& channel : asked.channels) {
      ask(kSubscribe, {.channels = {channel}, .opening = asked.opening});
    }
  } else {
    forbidden(asked, reason);
  }
  settle_first();
}

void RedisSubscriber::forbidden(const Asked& asked, const std::string& reason) {
  const std::string& channel = asked.channels.front();
  if (!asked.control) {
    events_.warn("subscription", "Redis refused to subscribe to " + log::quoted(channel) + ": " + reason);
    call_all(wanted_.refuse(channel));
  } else if (!std::exchange(control_refused_, true)) {
    events_.warn("control", "Redis refused to subscribe to " + channel +
                                ", so that this instance does not hear what others say to it: " + reason);
  }
}

void RedisSubscriber::answered(std::string_view token) {
  const auto now = std::chrono::system_clock::now();
  if (token == kSubscribed) {
    if (whole_until_) events_.gap(*whole_until_, now);
    whole_until_ = now;
    ready_ = true;
    events_.ready();
  } else if (!pings_.empty()) {
    whole_until_ = pings_.front();
    pings_.pop_front();
  }
}

}  // namespace hearth::broker
