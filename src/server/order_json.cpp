#include "server/order_json.hpp"

#include "websocket/close_code.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::server {

namespace {

namespace json = boost::json;
using shard::Order;

constexpr std::array<std::pair<Order::Op, std::string_view>, 5> kOps{{{Order::Op::disconnect, "disconnect"},
                                                                      {Order::Op::join, "join"},
                                                                      {Order::Op::leave, "leave"},
                                                                      {Order::Op::block, "block"},
                                                                      {Order::Op::unblock, "unblock"}}};

using Time = std::chrono::system_clock::time_point;

std::int64_t unix_seconds(Time time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

json::array array_of(const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::vector<std::string> texts_of(const json::object& object, std::string_view key) {
  std::vector<std::string> texts;
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_array()) return texts;
  for (const json::value& element : value->get_array()) {
    if (element.is_string()) texts.emplace_back(element.get_string());
  }
  return texts;
}

std::optional<std::int64_t> integer_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

std::optional<Time> time_of(const json::object& object, std::string_view key) {
  constexpr std::int64_t kLast = 32'503'680'000;  // the year 3000
  const auto seconds = integer_of(object, key);
  if (!seconds || *seconds < 0 || *seconds > kLast) return std::nullopt;
  return Time(std::chrono::seconds(*seconds));
}

bool read_whom(Order& order, const json::object& object) {
  order.name = text_of(object, "user");
  order.kind = Target::Kind::user;
  if (order.name.empty()) {
    order.name = text_of(object, "client");
    order.kind = Target::Kind::client;
  }
  return !order.name.empty();
}

bool read_block(Order& order, const json::object& object) {
  order.block.user = text_of(object, "user");
  order.block.token = text_of(object, "token");
  if (order.block.user.empty() == order.block.token.empty()) return false;
  if (order.op == Order::Op::unblock) return true;
  const auto until = time_of(object, "until");
  if (until) order.block.until = *until;
  order.block.issued_before = time_of(object, "issuedBefore");
  return until.has_value();
}

bool read_members(Order& order, const json::object& object) {
  switch (order.op) {
    case Order::Op::disconnect: {
      const auto code = integer_of(object, "code");
      if (!code || *code < 0 || *code > 65'535 || !websocket::may_be_sent(static_cast<std::uint16_t>(*code)))
        return false;
      order.code = static_cast<std::uint16_t>(*code);
      order.reason = text_of(object, "reason");
      order.except = texts_of(object, "except");
      return read_whom(order, object);
    }
    case Order::Op::join:
    case Order::Op::leave:
      order.rooms = texts_of(object, "rooms");
      return read_whom(order, object);
    case Order::Op::block:
    case Order::Op::unblock:
      return read_block(order, object);
  }
  return false;
}

}  // namespace

std::string order_json(const Order& order) {
  const auto* op = std::find_if(kOps.begin(), kOps.end(), [&](const auto& one) { return one.first == order.op; });
  json::object object{{"op", op->second}};
  if (order.op == Order::Op::block || order.op == Order::Op::unblock) {
    object[order.block.token.empty() ? "user" : "token"] =
        order.block.token.empty() ? order.block.user : order.block.token;
    if (order.op == Order::Op::block) object["until"] = unix_seconds(order.block.until);
    if (order.block.issued_before) object["issuedBefore"] = unix_seconds(*order.block.issued_before);
    return json::serialize(object);
  }
  object[order.kind == Target::Kind::user ? "user" : "client"] = order.name;
  if (order.op == Order::Op::disconnect) {
    object["code"] = order.code;
    object["reason"] = order.reason;
    if (!order.except.empty()) object["except"] = array_of(order.except);
  } else {
    object["rooms"] = array_of(order.rooms);
  }
  return json::serialize(object);
}

std::optional<Order> read_order(JsonView message) {
  try {
    const json::value value = message.parse();
    if (!value.is_object()) return std::nullopt;
    const json::object& object = value.get_object();
    const std::string name = text_of(object, "op");
    const auto* op = std::find_if(kOps.begin(), kOps.end(), [&](const auto& one) { return one.second == name; });
    if (op == kOps.end()) return std::nullopt;
    Order order;
    order.op = op->first;
    if (!read_members(order, object)) return std::nullopt;
    return order;
  } catch (const std::exception&) {
    return std::nullopt;  // numbers or strings that Boost.JSON does not take
  }
}

}  // namespace hearth::server
