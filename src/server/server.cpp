#include "hearth/server.hpp"

#include "net/tick_log.hpp"
#include "protocol/escaped.hpp"
#include "server/life_cycle.hpp"
#include "server/metrics_sum.hpp"
#include "server/options_check.hpp"
#include "shard/shard.hpp"
#include "websocket/close_code.hpp"

#include <chrono>
#include <future>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace hearth {

namespace {

// What a message has around event and data at the most.
constexpr std::size_t kMostAround = 4096;

void check_event(std::string_view event) {
  if (event.empty()) throw std::invalid_argument("hearth: a message needs an event name; it is empty");
}

void check_room(std::string_view room) {
  if (room.empty()) throw std::invalid_argument("hearth: a room needs a name; it is empty");
}

void check_close_code(std::uint16_t code) {
  if (websocket::may_be_sent(code)) return;
  throw std::invalid_argument("hearth: close code " + std::to_string(code) +
                              " must not be sent; use 1000-1003, 1007-1014 or 3000-4999 (RFC 6455, 7.4)");
}

shard::Order order_for(shard::Order::Op op, const Target& target) {
  const bool is_one = target.kind == Target::Kind::client || target.kind == Target::Kind::user;
  if (!is_one || target.name.empty()) {
    throw std::invalid_argument("hearth: this can be done to a client or to the clients of a user; name one");
  }
  shard::Order order;
  order.op = op;
  order.kind = target.kind;
  order.name = target.name;
  return order;
}

}  // namespace

class Server::Impl {
 public:
  explicit Impl(Options options) : life(std::move(options)) {}

  /// To whom it is for, here.
  void deliver(const Target& target, std::string_view event, const Json& data,
               std::span<const std::string> exclude = {}) {
    check_event(event);
    const protocol::Escaped escaped(event);
    const std::string_view text = data.view().text();
    if (escaped.text().size() + text.size() + kMostAround > net::TickLog::kMaxMessage) {
      throw std::length_error("hearth: a message of " + std::to_string(text.size()) +
                              " bytes cannot be sent; at most 1 GiB can");
    }
    if (exclude.empty()) return life.switchboard().deliver({target, {}, escaped.text(), text});
    const auto ids = server::parse_ids(exclude);
    life.switchboard().deliver({target, ids, escaped.text(), text});
  }

  /// Into the log of a room that remembers; its members get it from there.
  void append(std::string_view room, std::string_view event, const Json& data, const PublishOptions& options,
              const RoomRule& rule, Done<Appended> done) {
    std::string once;
    if (!options.idempotency_key.empty()) once = "server:" + std::string(options.idempotency_key);
    if (!done) done = [](const Result<Appended>& /*appended*/) {};
    life.history().append(
        {.room = room, .event = event, .data = data.view(), .key = options.key, .exclude = options.exclude},
        shard::Remembering::retention(rule), once, std::move(done));
  }

  /// Has `function(Shard&)` run on the shard that a client lives on, if it is one of ours.
  template <class Function>
  void on_home(std::string_view client_id, Function function) {
    const auto id = protocol::ClientId::parse(client_id);
    if (shard::Shard* home = id ? life.switchboard().shard_of(*id) : nullptr) home->run(std::move(function));
  }

  /// Asks one shard, on its own thread, for what `question(const Shard&)` returns; `Answer()` if it is gone.
  template <class Answer, class Question>
  Answer ask(shard::Shard& shard, const Question& question) const;

  /// Snapshots of what `visit(const Hub&, collect)` calls `collect(const Client&)` for, on all shards.
  template <class Visit>
  std::vector<ClientSnapshot> collect(const Visit& visit) const {
    std::vector<ClientSnapshot> all;
    for (const auto& shard : life.switchboard().shards()) {
      auto part = ask<std::vector<ClientSnapshot>>(*shard, [&](const shard::Shard& at) {
        std::vector<ClientSnapshot> found;
        visit(at.hub(), [&](const hub::Client& client) { found.push_back(at.snapshot(client)); });
        return found;
      });
      std::move(part.begin(), part.end(), std::back_inserter(all));
    }
    return all;
  }

  server::LifeCycle life;
};

template <class Answer, class Question>
Answer Server::Impl::ask(shard::Shard& shard, const Question& question) const {
  shard::Shard* const here = shard::Shard::current();
  if (here == &shard) return question(shard);
  auto promise = std::make_shared<std::promise<Answer>>();
  std::future<Answer> answer = promise->get_future();
  if (here == nullptr) {
    // Through the mailbox, so that a thread sees what it did itself before.
    // The task alone holds the promise: if it is dropped, the answer comes as an error.
    shard::Task task = [promise = std::move(promise), &question](const shard::Shard& at) {
      promise->set_value(question(at));
    };
    if (!shard.post(std::move(task), true)) return {};
  } else {
    // Also a shard of another server: the one that is asked may be asking that one.
    const bool submitted = shard.desk().submit([promise = std::move(promise), &question, &shard, here] {
      promise->set_value(question(shard));
      here->desk().notify();
    });
    if (!submitted) return {};
    here->desk().serve_until([&] { return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
  }
  try {
    return answer.get();
  } catch (const std::future_error&) {
    return {};  // the shard ended first
  }
}

Server::Server(Options options) {
  server::check(options);
  impl_ = std::make_unique<Impl>(std::move(options));
}

Server::~Server() {
  shutdown();
  impl_->life.finish();
}

void Server::start() { impl_->life.start(); }
void Server::shutdown(std::chrono::milliseconds deadline) { impl_->life.shutdown(deadline); }

void Server::drain(std::chrono::milliseconds delay, std::chrono::milliseconds time) { impl_->life.drain(delay, time); }
bool Server::is_draining() const noexcept { return impl_->life.is_draining(); }

void Server::send_to_client(std::string_view client_id, std::string_view event, const Json& data) {
  impl_->deliver(Target::client(client_id), event, data);
}

void Server::send_to_user(std::string_view user_id, std::string_view event, const Json& data) {
  impl_->deliver(Target::user(user_id), event, data);
}

void Server::send_to_room(std::string_view room, std::string_view event, const Json& data,
                          std::span<const std::string> exclude) {
  impl_->deliver(Target::room(room), event, data, exclude);
}

void Server::broadcast(std::string_view event, const Json& data, std::span<const std::string> exclude) {
  impl_->deliver(Target::everybody(), event, data, exclude);
}

void Server::send(std::optional<std::string_view> destination, std::string_view topic, const Json& data,
                  const std::function<void(std::error_code)>& done) {
  if (!topic.empty() && data.view()) {
    Target target = destination ? Target::room(*destination) : Target::everybody();
    if (const auto id = destination ? protocol::ClientId::parse(*destination) : std::nullopt) {
      const shard::Shard* home = impl_->life.switchboard().shard_of(*id);
      if (home != nullptr && home->knows(*id)) target.kind = Target::Kind::client;
    }
    if (const RoomRule* rule =
            target.kind == Target::Kind::room ? impl_->life.remembering().rule_of(target.name) : nullptr) {
      return impl_->append(target.name, topic, data, {}, *rule, [done](const Result<Appended>& appended) {
        if (done) done(appended ? std::error_code() : appended.error());
      });
    }
    impl_->deliver(target, topic, data);
    impl_->life.port().publish({.address = target, .event = topic, .data = data.view()});
  }
  if (done) done({});
}

void Server::publish(std::string_view room, std::string_view event, const Json& data, const PublishOptions& options,
                     Done<Appended> done) {
  check_room(room);
  check_event(event);
  if (const RoomRule* rule = impl_->life.remembering().rule_of(room)) {
    return impl_->append(room, event, data, options, *rule, std::move(done));
  }
  publish(Target::room(room), event, data, options.exclude);
  if (done) done(Appended{});
}

void Server::join_room(std::string_view client_id, std::string_view room) {
  check_room(room);
  impl_->on_home(client_id, [id = std::string(client_id), name = std::string(room)](shard::Shard& shard) {
    shard.join_room(id, name);
  });
}

void Server::leave_room(std::string_view client_id, std::string_view room) {
  impl_->on_home(client_id, [id = std::string(client_id), name = std::string(room)](shard::Shard& shard) {
    shard.leave_room(id, name);
  });
}

void Server::disconnect(std::string_view client_id, std::uint16_t code, std::string_view reason) {
  check_close_code(code);
  impl_->on_home(client_id, [id = std::string(client_id), code, why = std::string(reason)](shard::Shard& shard) {
    shard.disconnect(id, code, why);
  });
}

void Server::publish(const Target& target, std::string_view event, const Json& data,
                     std::span<const std::string> exclude) {
  if (target.kind == Target::Kind::room) {
    if (const RoomRule* rule = impl_->life.remembering().rule_of(target.name)) {
      check_event(event);
      return impl_->append(target.name, event, data, {.exclude = exclude}, *rule, {});
    }
  }
  impl_->deliver(target, event, data, exclude);
  impl_->life.port().publish({.address = target, .event = event, .data = data.view(), .exclude = exclude});
}

bool Server::disconnect(const Target& target, std::uint16_t code, std::string_view reason,
                        std::span<const std::string> except) {
  check_close_code(code);
  shard::Order order = order_for(shard::Order::Op::disconnect, target);
  order.code = code;
  order.reason = reason;
  order.except.assign(except.begin(), except.end());
  return impl_->life.port().carry_out(order);
}

bool Server::join(const Target& target, std::span<const std::string> rooms) {
  shard::Order order = order_for(shard::Order::Op::join, target);
  for (const std::string& room : rooms) check_room(room);
  order.rooms.assign(rooms.begin(), rooms.end());
  return impl_->life.port().carry_out(order);
}

bool Server::leave(const Target& target, std::span<const std::string> rooms) {
  shard::Order order = order_for(shard::Order::Op::leave, target);
  order.rooms.assign(rooms.begin(), rooms.end());
  return impl_->life.port().carry_out(order);
}

bool Server::block(const Block& block) {
  if (block.user.empty() == block.token.empty()) {
    throw std::invalid_argument("hearth: a block is about a user or a token; exactly one of them is to be given");
  }
  if (block.until > std::chrono::system_clock::now() + shard::Blocks::kLongest) {
    throw std::invalid_argument("hearth: a block lasts at most 400 days");
  }
  shard::Order order;
  order.op = shard::Order::Op::block;
  order.block = block;
  // All instances have the same one: it travels in whole seconds, as times in tokens do.
  order.block.until = std::chrono::ceil<std::chrono::seconds>(block.until);
  if (block.issued_before) order.block.issued_before = std::chrono::ceil<std::chrono::seconds>(*block.issued_before);
  return impl_->life.port().carry_out(order);
}

bool Server::unblock_user(std::string_view user_id) {
  shard::Order order;
  order.op = shard::Order::Op::unblock;
  order.block.user = user_id;
  return impl_->life.port().carry_out(order);
}

bool Server::unblock_token(std::string_view token_id) {
  shard::Order order;
  order.op = shard::Order::Op::unblock;
  order.block.token = token_id;
  return impl_->life.port().carry_out(order);
}

std::vector<Block> Server::blocks() const { return impl_->life.blocks().list(std::chrono::system_clock::now()); }

void Server::enable_client_encryption(std::string_view client_id) {
  if (!impl_->life.options().outbound_transformer) {
    throw std::logic_error("hearth: enable_client_encryption needs the option outbound_transformer, which encrypts");
  }
  impl_->on_home(client_id, [id = std::string(client_id)](shard::Shard& shard) { shard.enable_encryption(id); });
}

std::vector<ClientSnapshot> Server::clients() const {
  return impl_->collect([](const hub::Hub& hub, const auto& collect) { hub.for_each_client(collect); });
}

std::optional<ClientSnapshot> Server::client(std::string_view client_id) const {
  const auto id = protocol::ClientId::parse(client_id);
  shard::Shard* home = id ? impl_->life.switchboard().shard_of(*id) : nullptr;
  if (home == nullptr) return std::nullopt;
  return impl_->ask<std::optional<ClientSnapshot>>(*home, [&](const shard::Shard& at) {
    const hub::Client* client = at.hub().find(*id);
    return client != nullptr ? std::optional(at.snapshot(*client)) : std::nullopt;
  });
}

std::vector<ClientSnapshot> Server::clients_of_user(std::string_view user_id) const {
  return impl_->collect([&](const hub::Hub& hub, const auto& collect) { hub.for_each_of_user(user_id, collect); });
}

std::vector<ClientSnapshot> Server::clients_in_room(std::string_view room) const {
  return impl_->collect([&](const hub::Hub& hub, const auto& collect) { hub.for_each_in_room(room, collect); });
}

const std::string& Server::path() const noexcept { return impl_->life.options().path; }

std::uint16_t Server::port() const noexcept {
  for (const net::Address& address : impl_->life.addresses()) {
    if (address.port() != 0) return address.port();
  }
  return 0;
}

std::vector<std::string> Server::addresses() const {
  std::vector<std::string> texts;
  for (const net::Address& address : impl_->life.addresses()) texts.push_back(address.str());
  return texts;
}

void Server::reload_tls(const TlsOptions& options) { impl_->life.reload_tls(options); }

Statistics Server::statistics() const {
  Statistics sum;
  for (const auto& shard : impl_->life.switchboard().shards()) {
    const net::LoopCounters& counters = shard->counters();
    sum.connections_accepted += counters.accepted.get();
    sum.connections_open += counters.open.get();
    sum.clients_authenticated += shard->authenticated_clients();
    sum.upgrades_refused += counters.refused.get();
    sum.messages_received += counters.messages_received.get();
    sum.messages_sent += counters.messages_sent.get();
    sum.messages_dropped += counters.messages_dropped.get();
    sum.decryption_failures += shard->decryption_failures();
    sum.protocol_errors += counters.protocol_errors.get();
    sum.accept_pauses += counters.accept_pauses.get();
    sum.tls_handshakes += counters.tls_handshakes.get();
    sum.tls_resumptions += counters.tls_resumptions.get();
    sum.tls_failures += counters.tls_failures.get();
    sum.ticks += counters.ticks.get();
  }
  return sum;
}

Metrics Server::metrics() const {
  server::MetricsSum sum;
  for (const auto& shard : impl_->life.switchboard().shards()) {
    sum.add(impl_->ask<shard::Figures>(*shard, [](const shard::Shard& at) { return at.figures(); }));
    sum.add(shard->counters().open.get(), shard->tick_durations());
  }
  Metrics metrics = sum.take();
  metrics.counters = statistics();
  metrics.blocks = blocks().size();
  for (std::size_t i = 0; i < shard::kLimits; ++i) {
    const auto limit = static_cast<shard::Limit>(i);
    metrics.limit_hits[shard::name_of(limit)] = impl_->life.hits().count(limit);
  }
  metrics.draining = is_draining();
  metrics.log_lines_dropped = impl_->life.log().dropped();
  metrics.log_lines_suppressed = impl_->life.log().suppressed();
  metrics.broker_state = broker_state();
  metrics.broker = broker_statistics();
  return metrics;
}

BrokerState Server::broker_state() const { return impl_->life.port().state(); }
BrokerStatistics Server::broker_statistics() const { return impl_->life.port().statistics(); }

void Server::log(LogLevel level, std::string_view line) const { impl_->life.log().application(level, line); }

}  // namespace hearth
