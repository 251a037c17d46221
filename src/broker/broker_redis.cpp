#include "broker/broker_redis.hpp"

#include "broker/envelope.hpp"
#include "broker/presence_commands.hpp"
#include "broker/redis_blocks.hpp"
#include "log/quoted.hpp"

#include <boost/asio/post.hpp>

#include <exception>
#include <stdexcept>
#include <utility>
#include <vector>

namespace hearth {

namespace broker {

namespace {

constexpr std::chrono::seconds kFarewell{1};  // for what waits to go out when stopping
// What this instance has said less long before the links broke may not have arrived.
constexpr std::chrono::seconds kUnconfirmed{30};
constexpr RedisPublisher::Settings kPublishing{.own_subscriptions = 1, .max_wait = {}};

}  // namespace

RedisBroker::RedisBroker(RedisOptions options)
    : options_((options.check(), std::move(options))),
      tls_(redis::make_tls(options_.tls)),
      io_([this](const std::string& what) { reconnect_after(what); }),
      publisher_(io_.executor(), options_, tls_.get(), kPublishing, publisher_events()),
      subscriber_(io_.executor(), options_, tls_.get(), subscriber_events()),
      map_(redis::make_cluster_map(io_.executor(), options_, tls_.get())),
      logs_(io_.executor(), options_, tls_.get(), map_.get(), server_id_, logs_events()),
      presence_(io_.executor(), options_, tls_.get(), map_.get(), server_id_, presence_events()),
      held_back_(io_.executor()) {}

RedisPublisher::Events RedisBroker::publisher_events() {
  return {.connected = [this] { read_blocks(last_whole_); },
          .up = [this] { look_at_links({}); },
          .down = [this](const std::string& reason) { look_at_links(reason); },
          .warn = [this](std::string_view kind, std::string line) { warn(kind, std::move(line)); }};
}

RedisSubscriber::Events RedisBroker::subscriber_events() {
  return {.message = [this](std::string_view channel, std::string_view payload) { received(channel, payload); },
          .ready =
              [this] {
                publisher_.count_again();
                look_at_links({});
              },
          .down =
              [this](const std::string& reason) {
                look_at_links(reason);
                call_sink([](BrokerSink& sink) { sink.lost(); });
              },
          .gap = [this](RedisSubscriber::Time from, RedisSubscriber::Time to) { gap(from, to); },
          .warn = [this](std::string_view kind, std::string line) { warn(kind, std::move(line)); },
          .active = [this](std::span<const std::string> channels) { active(channels); }};
}

RedisLogs::Events RedisBroker::logs_events() {
  return {.up = [this](bool is_back) { logs_are_up(is_back); },
          .down = [this](const std::string& reason) { look_at_links(reason); },
          .warn = [this](std::string_view kind, std::string line) { warn(kind, std::move(line)); }};
}

RedisPresence::Events RedisBroker::presence_events() {
  return {.up = [this] { look_at_links({}); },
          .down = [this](const std::string& reason) { look_at_links(reason); },
          .warn = [this](std::string_view kind, std::string line) { warn(kind, std::move(line)); },
          .watch =
              [this](std::string channel, bool is_wanted) {
                if (!is_wanted) return subscriber_.unsubscribe({&channel, 1});
                subscriber_.subscribe({std::move(channel)}, [] {});
              }};
}

Presence* RedisBroker::presence() noexcept {
  subscriber_.tell_active();
  subscriber_.hear_presence();
  presence_.want();
  return &presence_;
}

History* RedisBroker::history() noexcept {
  subscriber_.tell_active();
  has_logs_ = true;
  return &logs_;
}

/// What comes in has to come from the server that the logs are of; but each node of a Cluster passes on what is
/// published at any.
void RedisBroker::logs_are_up(bool is_back) {
  const std::string_view heard = subscriber_.run_id();
  if (options_.run_id_guard && map_ == nullptr && !heard.empty() && heard != logs_.run_id()) {
    subscriber_.fail("the logs of rooms are with another process of Redis");
  }
  if (is_back) call_sink([](BrokerSink& sink) { sink.store_changed(); });
  look_at_links({});
}

void RedisBroker::active(std::span<const std::string> channels) {
  constexpr std::string_view kRoom = "ws:room:";
  std::vector<BrokerAddress> rooms;
  for (const std::string_view channel : channels) {
    if (channel.starts_with(kRoom)) rooms.push_back(BrokerAddress::room(channel.substr(kRoom.size())));
    if (!channel.starts_with(kPresenceChannel)) continue;
    call_sink([&](BrokerSink& sink) { sink.presence_watched(channel.substr(kPresenceChannel.size())); });
  }
  if (!rooms.empty()) call_sink([&](BrokerSink& sink) { sink.subscribed(rooms); });
}

void RedisBroker::start(BrokerSink& sink) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(started_, true)) throw std::logic_error("hearth: a broker can be started only once");
    sink_ = &sink;
    state_ = BrokerState::degraded;
  }
  logs_.open();
  presence_.open();
  boost::asio::post(io_.executor(), [this] {
    publisher_.start();
    subscriber_.start();
    if (has_logs_) logs_.start();
    if (presence_.is_wanted()) presence_.start();
  });
  try {
    io_.start(shared_from_this());
  } catch (...) {
    stop();
    throw;
  }
  std::string reason;
  bool cancelled = false;
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, options_.ready_timeout,
                      [this] { return cancelled_ || stopped_ || state_ == BrokerState::ready; });
    if (state_ == BrokerState::ready) return;
    reason = last_reason_.empty() ? "no answer" : last_reason_;
    cancelled = cancelled_ || stopped_;
  }
  stop();
  if (cancelled) throw std::runtime_error("Redis client was stopped before it became ready (" + reason + ')');
  throw std::runtime_error("Redis client did not become ready within " +
                           std::to_string(options_.ready_timeout.count()) + "ms (" + reason + ')');
}

void RedisBroker::cancel_start() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

// Also on the broker's own thread, which then ends by itself, and while start() waits.
void RedisBroker::stop() {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    if (!started_) return;
    first = !std::exchange(stopped_, true);
    sink_ = nullptr;
    state_ = BrokerState::stopped;
  }
  if (first) {
    changed_.notify_all();
    boost::asio::post(io_.executor(), [this] {
      held_back_.cancel();
      subscriber_.stop();
      logs_.finish(kFarewell);
      presence_.stop();
      if (map_) map_->stop();
      publisher_.finish(publisher_.is_connected() ? kFarewell : kFarewell.zero());
    });
    io_.end();
  }
  io_.join();
}

// The broker's thread.
void RedisBroker::reconnect_after(const std::string& what) {
  publisher_.fail("an exception on the broker's thread: " + what);
  subscriber_.fail("an exception on the broker's thread: " + what);
  logs_.fail("an exception on the broker's thread: " + what);
  presence_.fail("an exception on the broker's thread: " + what);
}

// Any thread.
void RedisBroker::publish(const BrokerMessage& message) {
  if (sink_ == nullptr || message.event.empty()) return;
  const std::string channel = protocol::channel_of(message.address);
  const std::string envelope = envelope_of(server_id_, message);
  publisher_.publish(channel, envelope, {});
}

bool RedisBroker::control(JsonView message) {
  if (sink_ == nullptr || message.text().size() > kMaxControlSize) return false;
  const std::string envelope = protocol::control_envelope(server_id_, message.text());
  if (envelope.empty()) return false;
  publisher_.publish(protocol::kControlChannel, envelope, {});
  return true;
}

bool RedisBroker::subscribe(std::span<const BrokerAddress> addresses, std::function<void()> done) {
  std::vector<std::string> channels;
  for (const BrokerAddress& address : addresses) {
    if (address.kind != BrokerAddress::Kind::everybody) channels.push_back(protocol::channel_of(address));
  }
  return subscriber_.subscribe(std::move(channels), std::move(done));
}

void RedisBroker::unsubscribe(std::span<const BrokerAddress> addresses) {
  std::vector<std::string> channels;
  for (const BrokerAddress& address : addresses) {
    if (address.kind != BrokerAddress::Kind::everybody) channels.push_back(protocol::channel_of(address));
  }
  subscriber_.unsubscribe(channels);
}

BrokerStatistics RedisBroker::statistics() const {
  const redis::Pipeline::Counters& sent = publisher_.counters();
  const RedisLogs::Counters& logged = logs_.counters();
  return {.published = sent.answered - publisher_.commands_answered() + logged.appended,
          .dropped = sent.not_sent,
          .unconfirmed = sent.unconfirmed,
          .refused = sent.refused - publisher_.commands_refused() + logged.refused,
          .received = received_,
          .malformed = malformed_,
          .gaps = gaps_,
          .reconnects = times_ready_ > 0 ? times_ready_ - 1 : 0,
          .queued_bytes = publisher_.queued_bytes() + logged.waiting_bytes,
          .subscriptions = subscriber_.subscriptions(),
          .control = subscriber_.hears_control(),
          .round_trips = sent.round_trips.snapshot()};
}

// The broker's thread.
void RedisBroker::received(std::string_view channel, std::string_view payload) {
  if (channel == protocol::kControlChannel) return received_control(payload);
  if (channel.starts_with(kPresenceChannel)) return received_presence(channel, payload);
  using Result = protocol::BrokerEnvelopeReader::Result;
  const Result result = reader_.read(payload);
  if (result == Result::malformed) return malformed(channel);
  const protocol::BrokerEnvelope& envelope = reader_.envelope();
  if (result != Result::envelope) return;
  const bool is_publication = envelope.position.offset != 0;
  if (!is_publication && envelope.server_id == server_id_) return;
  ++received_;
  call_sink([&](BrokerSink& sink) {
    if (is_publication) return sink.publication(publication_of(envelope));
    sink.message({.address = envelope.target,
                  .event = envelope.event,
                  .data = JsonView::trusted(envelope.data),
                  .from = JsonView::trusted(envelope.from),
                  .exclude = envelope.exclude,
                  .key = envelope.key});
  });
}

void RedisBroker::received_control(std::string_view payload) {
  // With what the sender's broker has added to it.
  constexpr std::size_t kLongest = kMaxControlSize + 1024;
  if (payload.size() > kLongest || !control_reader_.read(payload)) return malformed(protocol::kControlChannel);
  const protocol::ControlEnvelope& envelope = control_reader_.envelope();
  if (envelope.server_id == server_id_) return;
  ++received_;
  call_sink([&](BrokerSink& sink) {
    sink.control({.sender = envelope.server_id, .op = envelope.op, .message = JsonView::trusted(envelope.message)});
  });
}

void RedisBroker::received_presence(std::string_view channel, std::string_view payload) {
  const auto said = read_presence_envelope(channel.substr(kPresenceChannel.size()), payload);
  if (!said) return malformed(channel);
  if (said->instance == server_id_) return;
  ++received_;
  call_sink([&](BrokerSink& sink) { sink.presence(said->instance, said->report); });
}

void RedisBroker::malformed(std::string_view channel) {
  ++malformed_;
  warn("malformed", "dropped a message from Redis that is no envelope, on channel " + log::quoted(channel));
}

void RedisBroker::gap(RedisSubscriber::Time from, RedisSubscriber::Time to) {
  ++gaps_;
  call_sink([&](BrokerSink& sink) { sink.gap(from, to); });
  read_blocks(from);
}

// A node of a Cluster has the keys of its slots alone.
void RedisBroker::keep_block(const Block& block) {
  if (sink_ == nullptr || options_.topology == RedisTopology::cluster) return;
  publisher_.command(
      redis::RespCommand::of({"HSET", kBlocksKey, block_field(block.user, block.token), block_value(block)}));
}

void RedisBroker::forget_block(std::string_view user, std::string_view token) {
  if (sink_ == nullptr || options_.topology == RedisTopology::cluster) return;
  publisher_.command(redis::RespCommand::of({"HDEL", kBlocksKey, block_field(user, token)}));
}

// What this instance has had since before the links broke may have been taken back meanwhile.
void RedisBroker::read_blocks(RedisSubscriber::Time whole_until) {
  if (options_.topology == RedisTopology::cluster) {
    has_blocks_ = true;
    return;
  }
  const auto known_since = whole_until - options_.dead_peer_timeout - kUnconfirmed;
  publisher_.ask(redis::RespCommand::of({"HGETALL", kBlocksKey}), [this, known_since](const redis::RespReply& reply) {
    if (reply.is_error()) {
      warn("blocks", "Redis does not tell the blocks that are kept there: " + log::quoted(reply.text()));
    } else {
      const KeptBlocks kept = broker::read_blocks(reply, RedisSubscriber::Time::clock::now());
      for (const std::string& field : kept.ended) {
        publisher_.command(redis::RespCommand::of({"HDEL", kBlocksKey, field}));
      }
      call_sink([&](BrokerSink& sink) { sink.blocks(kept.blocks, known_since); });
    }
    has_blocks_ = true;
    look_at_links({});
  });
}

template <class Call>
void RedisBroker::call_sink(Call call) {
  BrokerSink* sink = sink_;
  if (sink == nullptr) return;
  try {
    call(*sink);
  } catch (...) {
    warn("sink", "what came from Redis was lost to an exception of whoever was given it");
  }
}

void RedisBroker::look_at_links(const std::string& reason) {
  const bool ready = publisher_.is_up() && subscriber_.is_ready() && has_blocks_ &&
                     (!logs_.is_started() || logs_.is_up()) && (!presence_.is_wanted() || presence_.is_up());
  const bool is_whole = logs_.is_whole() && presence_.is_whole();
  bool changed = false;
  bool is_new = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    is_new = !reason.empty() && reason != last_reason_;
    if (!reason.empty()) last_reason_ = reason;
    if (ready && is_whole) last_reason_.clear();
    if (state_ == BrokerState::ready) last_whole_ = RedisSubscriber::Time::clock::now();
    changed = ready != (state_ == BrokerState::ready);
    state_ = ready ? BrokerState::ready : BrokerState::degraded;
  }
  changed_.notify_all();
  if (is_new) warn("link", "Redis: " + reason);
  if (!ready || !changed) return;
  log(LogLevel::info, times_ready_++ > 0 ? "Redis: connected again, all subscriptions are active" : "Redis: connected");
}

// Any thread.
void RedisBroker::warn(std::string_view kind, std::string line) {
  if (const auto admitted = limiter_.admit(kind, std::move(line))) return log(LogLevel::warning, *admitted);
  boost::asio::post(io_.executor(), [this] { log_held_back(); });
}

void RedisBroker::log_held_back() {
  const auto next = limiter_.next_overdue();
  if (!next || sink_ == nullptr) return;
  held_back_.expires_at(*next);
  held_back_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    for (const std::string& line : limiter_.overdue()) log(LogLevel::warning, line);
    log_held_back();
  });
}

void RedisBroker::log(LogLevel level, std::string_view line) const {
  BrokerSink* sink = sink_;
  if (sink == nullptr) return;
  try {
    sink->log(level, line);
  } catch (...) {
    // A log that fails must not take the broker with it, and there is nowhere to say so.
  }
}

}  // namespace broker

std::shared_ptr<Broker> make_redis_broker(RedisOptions options) {
  const auto broker = std::make_shared<broker::RedisBroker>(std::move(options));
  // Who drops the last of these stops it. The thread has one that does not count.
  return {broker.get(), [broker](Broker* last) { last->stop(); }};
}

std::shared_ptr<Broker> make_redis_broker(std::string_view url) {
  return make_redis_broker(RedisOptions::from_url(url));
}

}  // namespace hearth
