#include "api/admission.hpp"

#include <variant>

namespace hearth::app {

namespace {

ApiProblem forbidden(std::string detail) { return {403, "forbidden", std::move(detail), {}}; }

/// A browser sends cookies with the requests of other pages of the same host, too.
void check_page(const ApiCaller& caller) {
  const std::string_view site = caller.sec_fetch_site;
  if (!site.empty() && site != "same-origin" && site != "none") {
    throw forbidden("a web page of another origin has made the request; only the dashboard may");
  }
}

}  // namespace

ApiPass Admission::admit(const ApiCaller& caller) {
  if (gate_->has_keys() && caller.authorization.empty()) {
    if (const auto secret = cookie_of(caller.cookie, Sessions::kCookie)) return admit_by_session(*secret, caller);
  }
  auto admitted = gate_->admit(caller);
  if (const auto* problem = std::get_if<ApiProblem>(&admitted)) throw ApiProblem(*problem);
  const auto entry = std::get<ApiGate::Entry>(admitted);
  return {gate_, entry.grant, entry.key, {}, {}};
}

ApiPass Admission::admit_by_session(std::string_view secret, const ApiCaller& caller) const {
  check_page(caller);
  const auto session = sessions_.find(secret, Sessions::Clock::now());
  const ApiGrant* grant = session ? gate_->grant_of(session->key) : nullptr;
  if (grant == nullptr) {
    throw ApiProblem{401, "unauthorized", "the session has ended; sign in with one of [[api.keys]]", {}};
  }
  if (caller.writes && !caller.is_marked) {
    throw forbidden("who is let in by a cookie has to send `X-Hearth-Request: 1` with what changes something");
  }
  return {gate_, grant, session->key, std::string(secret), session->ends_at};
}

ApiPass Admission::sign_in(std::string_view key, const ApiCaller& caller) {
  check_page(caller);
  auto admitted = gate_->admit_by_key(key, caller.address);
  if (const auto* problem = std::get_if<ApiProblem>(&admitted)) throw ApiProblem(*problem);
  const auto entry = std::get<ApiGate::Entry>(admitted);
  const auto now = Sessions::Clock::now();
  return {gate_, entry.grant, entry.key, sessions_.begin(*entry.key, now), now + Sessions::kLength};
}

bool Admission::still_holds(const ApiPass& pass) const {
  if (!pass.key) return !gate_->has_keys();
  const ApiGrant* grant = gate_->grant_of(*pass.key);
  const bool may_read = grant != nullptr && grant->read;
  return may_read && (pass.session.empty() || sessions_.find(pass.session, Sessions::Clock::now()));
}

}  // namespace hearth::app
