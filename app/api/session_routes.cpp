#include "api/body.hpp"
#include "api/handlers.hpp"
#include "config/times.hpp"

#include <boost/json/array.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::app::routes {

namespace {

boost::json::object session_of(const ApiPass& pass) {
  const ApiGrant& grant = *pass.grant;
  boost::json::array allow;
  for (const auto& [is_allowed, word] :
       {std::pair(grant.publish, "publish"), {grant.control, "control"}, {grant.read, "read"}}) {
    if (is_allowed) allow.emplace_back(word);
  }
  boost::json::object session{{"keys", true}, {"signedIn", true}, {"name", grant.name}, {"allow", std::move(allow)}};
  if (grant.rooms) {
    boost::json::array rooms;
    for (const RoomPattern& pattern : *grant.rooms) rooms.emplace_back(pattern.text());
    session["rooms"] = std::move(rooms);
  }
  if (!pass.session.empty()) session["expiresAt"] = config::show_time(pass.ends_at);
  return session;
}

/// Under TLS, which a proxy may end as well, a browser gives it back under TLS alone.
std::string cookie(std::string_view secret, std::chrono::seconds age, const ApiCaller& caller) {
  std::string field(Sessions::kCookie);
  field.append("=").append(secret).append("; Path=/; HttpOnly; SameSite=Strict; Max-Age=");
  field += std::to_string(age.count());
  if (caller.is_secure || caller.origin.starts_with("https://")) field += "; Secure";
  return field;
}

}  // namespace

Awaited session(ApiDesk& desk, const ApiCall& call) {
  const ApiCaller& caller = *call.caller;
  if (!desk.admission.has_keys()) {
    desk.admission.admit(caller);
    co_return answer_of(200, {{"keys", false}});
  }
  try {
    co_return answer_of(200, session_of(desk.admission.admit(caller)));
  } catch (const ApiProblem& problem) {
    const bool is_nobody = problem.status == 401 && caller.authorization.empty();
    if (!is_nobody) throw;
  }
  co_return answer_of(200, {{"keys", true}, {"signedIn", false}});
}

Awaited sign_in(ApiDesk& desk, const ApiCall& call) {
  const ApiBody body(call.body, {"key"});
  const std::string key = body.text("key");
  if (!desk.admission.has_keys()) throw invalid("key", "is of no use: there are no [[api.keys]], and none is needed");
  const ApiPass pass = desk.admission.sign_in(key, *call.caller);
  ApiAnswer answer = answer_of(200, session_of(pass));
  answer.fields.emplace_back("Set-Cookie", cookie(pass.session, Sessions::kLength, *call.caller));
  co_return answer;
}

Awaited sign_out(ApiDesk& desk, const ApiCall& call) {
  const ApiCaller& caller = *call.caller;
  if (!caller.is_marked) {
    throw ApiProblem{403, "forbidden", "send `X-Hearth-Request: 1`, which no page of elsewhere can", {}};
  }
  if (const auto secret = cookie_of(caller.cookie, Sessions::kCookie)) desk.admission.sign_out(*secret);
  ApiAnswer answer;
  answer.fields.emplace_back("Set-Cookie", cookie({}, std::chrono::seconds(0), caller));
  co_return answer;
}

}  // namespace hearth::app::routes
