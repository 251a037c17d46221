#include "hearth/server.hpp"

#include "log/quoted.hpp"
#include "net/tick_log.hpp"
#include "protocol/escaped.hpp"
#include "protocol/json.hpp"
#include "server/options_check.hpp"
#include "server/server_impl.hpp"
#include "shard/shard.hpp"
#include "websocket/close_code.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>

namespace hearth {

namespace {

// What a message has around event and data at the most.
constexpr std::size_t kMostAround = 4096;

void check_event(std::string_view event) {
  if (event.empty()) throw std::invalid_argument("hearth: a message needs an event name; it is empty");
}

void check_size(std::size_t size) {
  if (size + kMostAround <= net::TickLog::kMaxMessage) return;
  throw std::length_error("hearth: a message of " + std::to_string(size) + " bytes cannot be sent; at most 1 GiB can");
}

/// The id of a message that is answered, as JSON.
std::string quoted_id(std::string_view id) {
  if (id.empty()) throw std::invalid_argument("hearth: an answer needs the id of the message that it answers");
  std::string json;
  protocol::append_quoted(json, id);
  return json;
}

void check_room(std::string_view room) {
  if (room.empty()) throw std::invalid_argument("hearth: a room needs a name; it is empty");
}

void check_close_code(std::uint16_t code) {
  if (websocket::may_be_sent(code)) return;
  throw std::invalid_argument("hearth: close code " + std::to_string(code) +
                              " must not be sent; use 1000-1003, 1007-1014 or 3000-4999 (RFC 6455, 7.4)");
}

std::string_view word_of(Target::Kind kind) {
  switch (kind) {
    case Target::Kind::client:
      return "client";
    case Target::Kind::user:
      return "user";
    case Target::Kind::room:
      return "room";
    case Target::Kind::everybody:
      return "all";
  }
  return {};
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

void Server::Impl::deliver(const Target& target, std::string_view event, const Json& data,
                           std::span<const std::string> exclude) {
  check_event(event);
  const protocol::Escaped escaped(event);
  const std::string_view text = data.view().text();
  check_size(escaped.text().size() + text.size());
  if (life.options().log_payloads) log_payload(target, event, text);
  publications.add();
  if (exclude.empty()) return life.switchboard().deliver({target, {}, escaped.text(), text});
  const auto ids = server::parse_ids(exclude);
  life.switchboard().deliver({target, ids, escaped.text(), text});
}

void Server::Impl::log_payload(const Target& target, std::string_view event, std::string_view data) const {
  if (!life.log().wants(LogLevel::debug)) return;
  life.log()(LogLevel::debug, "message_sent", "the application sends a message",
             {{"to", word_of(target.kind)}, {"name", target.name}, {"message", event}, {"data", log::beginning(data)}});
}

void Server::Impl::append(std::string_view room, std::string_view event, const Json& data,
                          const PublishOptions& options, const RoomRule& rule, Done<Appended> done) {
  if (life.options().log_payloads) log_payload(Target::room(room), event, data.view().text());
  publications.add();
  std::string once;
  if (!options.idempotency_key.empty()) once = "server:" + std::string(options.idempotency_key);
  if (!done) done = [](const Result<Appended>& /*appended*/) {};
  if (life.options().history_rolled_back) {
    done = [this, name = std::string(room), done = std::move(done)](const Result<Appended>& appended) {
      if (appended) life.feeds().acked(name, appended->position);
      done(appended);
    };
  }
  life.history().append(
      {.room = room, .event = event, .data = data.view(), .key = options.key, .exclude = options.exclude},
      shard::Remembering::retention(rule), once, std::move(done));
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

void Server::answer(std::string_view client_id, std::string_view id, const Json& data) {
  const std::string_view text = data.view().text();
  check_size(id.size() + text.size());
  impl_->on_home(client_id, [client = std::string(client_id), id_json = quoted_id(id), answer = std::string(text)](
                                shard::Shard& shard) { shard.answer(client, id_json, answer); });
}

void Server::answer_error(std::string_view client_id, std::string_view id, std::uint16_t code,
                          std::string_view message) {
  check_size(id.size() + message.size());
  impl_->on_home(client_id, [client = std::string(client_id), id_json = quoted_id(id), code,
                             text = std::string(message)](shard::Shard& shard) {
    shard.answer_error(client, id_json, {code, text});
  });
}

void Server::send(std::optional<std::string_view> destination, std::string_view topic, const Json& data,
                  const std::function<void(std::error_code)>& done) {
  if (!topic.empty() && data.view()) {
    Target target = destination ? Target::room(*destination) : Target::everybody();
    if (const auto id = destination ? protocol::ClientId::parse(*destination) : std::nullopt) {
      const shard::Shard* home = impl_->life.switchboard().shard_of(*id);
      if (home != nullptr && home->knows(*id)) target.kind = Target::Kind::client;
    }
    if (const shard::RulePtr rule =
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
  if (const shard::RulePtr rule = impl_->life.remembering().rule_of(room)) {
    return impl_->append(room, event, data, options, *rule, std::move(done));
  }
  publish(Target::room(room), event, data, options.exclude);
  if (done) done(Appended{});
}

bool Server::remembers(std::string_view room) const { return impl_->life.remembering().rule_of(room) != nullptr; }

void Server::history(std::string_view room, std::uint64_t after, std::size_t count, Done<LogPage> done) const {
  if (!remembers(room)) return done(make_error_code(HistoryError::no_history));
  impl_->life.history().read(room, after, count, std::move(done));
}

void Server::erase_history(std::string_view room, Done<void> done) {
  if (!remembers(room)) return done(make_error_code(HistoryError::no_history));
  impl_->life.history().erase(room, std::move(done));
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
    if (const shard::RulePtr rule = impl_->life.remembering().rule_of(target.name)) {
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
Settings Server::settings() const { return impl_->life.settings(); }
void Server::update(const Settings& settings) { impl_->life.update(settings); }

BrokerState Server::broker_state() const { return impl_->life.port().state(); }
BrokerStatistics Server::broker_statistics() const { return impl_->life.port().statistics(); }

void Server::log(LogLevel level, std::string_view line) const { impl_->life.log().application(level, line); }

}  // namespace hearth
