#include "api/block_body.hpp"
#include "api/body.hpp"
#include "api/handlers.hpp"
#include "api/publish_request.hpp"

#include <boost/json/array.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::app::routes {

namespace {

constexpr std::uint16_t kDisconnected = 4010;
constexpr std::size_t kMostReason = 123;  // bytes, RFC 6455, 5.5

/// `client` or `user` of a body, which `name` holds.
Target one_target(const ApiBody& body, std::string& name) {
  const std::string_view member = body.one_of({"client", "user"});
  name = body.text(member);
  return member == "client" ? Target::client(name) : Target::user(name);
}

boost::json::array names_of(const std::vector<std::string>& names) {
  boost::json::array list;
  for (const std::string& name : names) list.emplace_back(name);
  return list;
}

}  // namespace

ApiAnswer done(ApiDesk& desk, bool is_everywhere) {
  if (desk.server.broker_state() != BrokerState::ready) return answer_of(202, {{"broker", "degraded"}});
  return is_everywhere ? ApiAnswer{} : answer_of(202, {{"broker", "unable"}});
}

Awaited disconnect(ApiDesk& desk, const ApiCall& call) {
  const ApiBody body(call.body, {"client", "user", "code", "reason", "except"});
  std::string name;
  const Target target = one_target(body, name);
  const auto except = body.optional_texts("except");
  const std::int64_t code = body.optional_number("code").value_or(kDisconnected);
  if (code < 1000 || code > 4999) throw invalid("code", "is no close code that may be sent (RFC 6455, 7.4)");
  const std::string reason = body.optional_text("reason").value_or("Disconnected");
  if (reason.size() > kMostReason) throw invalid("reason", "is longer than 123 bytes");
  co_return done(desk, desk.server.disconnect(target, static_cast<std::uint16_t>(code), reason, except));
}

Awaited join(ApiDesk& desk, const ApiCall& call) {
  const ApiBody body(call.body, {"client", "user", "rooms"});
  std::string name;
  const Target target = one_target(body, name);
  co_return done(desk, desk.server.join(target, read_rooms(body, "rooms")));
}

Awaited leave(ApiDesk& desk, const ApiCall& call) {
  const ApiBody body(call.body, {"client", "user", "rooms"});
  std::string name;
  const Target target = one_target(body, name);
  co_return done(desk, desk.server.leave(target, read_rooms(body, "rooms")));
}

Awaited block(ApiDesk& desk, const ApiCall& call) { co_return done(desk, desk.server.block(read_block(call.body))); }

Awaited unblock(ApiDesk& desk, const ApiCall& call) {
  const ApiBody body(call.body, {"user", "token"});
  const std::string_view member = body.one_of({"user", "token"});
  const std::string name = body.text(member);
  co_return done(desk, member == "user" ? desk.server.unblock_user(name) : desk.server.unblock_token(name));
}

Awaited drain(ApiDesk& desk, const ApiCall& call) {
  if (!call.body.empty()) ApiBody(call.body, {});
  desk.is_closing = true;
  if (const auto end = std::exchange(desk.host.end, {})) end();
  co_return answer_of(202, {{"draining", true}});
}

Awaited reload(ApiDesk& desk, const ApiCall& call) {
  if (!call.body.empty()) ApiBody(call.body, {});
  const auto& run = desk.host.reload;
  const auto reload = [&run] { return run(); };
  const ReloadOutcome outcome = co_await desk.ask(reload);
  if (outcome.is_done()) co_return answer_of(200, {{"changed", names_of(outcome.changed)}});
  ApiAnswer answer = answer_of(422, {{"status", 422},
                                     {"code", "not_reloaded"},
                                     {"detail", "the configuration is wrong, and all stays as it was"},
                                     {"problems", names_of(outcome.problems)}});
  answer.content_type = "application/problem+json";
  co_return answer;
}

Awaited blocks(ApiDesk& desk, const ApiCall& call) {
  if (call.query.is_for_cluster()) co_return co_await cluster_blocks(desk);
  boost::json::array list;
  for (const Block& block : desk.server.blocks()) list.push_back(json_of(block));
  co_return answer_of(200, {{"blocks", std::move(list)}});
}

}  // namespace hearth::app::routes
