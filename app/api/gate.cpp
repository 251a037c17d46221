#include "api/gate.hpp"

#include "config/url.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace hearth::app {

namespace {

bool has(const std::vector<std::string>& list, std::string_view what) {
  return std::find(list.begin(), list.end(), what) != list.end();
}

std::string_view without_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
  return has_port ? host.substr(0, colon) : host;
}

/// Without keys, what is wrong with a caller: it may speak for somebody far away.
std::optional<ApiProblem> check_nearness(const ApiCaller& caller) {
  if (caller.is_forwarded) {
    return forbidden("the request has come through a proxy, which could open the API to the world; add [[api.keys]]");
  }
  if (!config::is_loopback(without_port(caller.host))) {
    return forbidden("without [[api.keys]], `Host` has to be localhost or a loopback address");
  }
  const std::string own_origin = (caller.is_secure ? "https://" : "http://") + std::string(caller.host);
  if (!caller.origin.empty() && caller.origin != own_origin) {
    return forbidden("a web page of another origin has made the request; without [[api.keys]] none may");
  }
  const std::string_view site = caller.sec_fetch_site;
  if (!site.empty() && site != "same-origin" && site != "none") {
    return forbidden("a web page of another site has made the request; without [[api.keys]] none may");
  }
  return std::nullopt;
}

ApiGrant grant_from(const config::ApiKeyConfig& key) {
  ApiGrant grant{key.name, has(key.allow, "publish"), has(key.allow, "control"), has(key.allow, "read"), {}};
  if (key.rooms) {
    grant.rooms.emplace();
    for (const std::string& pattern : *key.rooms) grant.rooms->emplace_back(pattern);
  }
  return grant;
}

std::optional<std::string_view> bearer_of(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  const bool is_bearer = authorization.size() > kScheme.size() &&
                         std::equal(kScheme.begin(), kScheme.end(), authorization.begin(), [](char scheme, char given) {
                           return given == scheme || (given >= 'A' && given <= 'Z' && given - 'A' + 'a' == scheme);
                         });
  if (!is_bearer) return std::nullopt;
  return authorization.substr(kScheme.size());
}

}  // namespace

bool ApiGrant::may_use(std::string_view room) const {
  return !rooms ||
         std::any_of(rooms->begin(), rooms->end(), [&](const RoomPattern& pattern) { return pattern.matches(room); });
}

ApiGate::ApiGate(const std::vector<config::ApiKeyConfig>& keys) {
  for (const config::ApiKeyConfig& key : keys) keys_.push_back({digest_of(key.key), grant_from(key)});
}

ApiGate::Admitted ApiGate::admit(const ApiCaller& caller, Clock::time_point now) {
  if (keys_.empty()) {
    if (auto problem = check_nearness(caller)) return *std::move(problem);
    return Entry{&everything_, {}};
  }
  if (caller.authorization.empty()) {
    return ApiProblem{
        401, "unauthorized", "the request has no key; send `Authorization: Bearer KEY`, one of [[api.keys]]", {}};
  }
  if (const auto key = bearer_of(caller.authorization)) return admit_by_key(*key, caller.address, now);
  ApiProblem problem = refuse(caller.address, now);
  if (problem.status == 401) problem.detail = "the word Bearer is missing; send `Authorization: Bearer KEY`";
  return problem;
}

ApiGate::Admitted ApiGate::admit_by_key(std::string_view key, std::string_view address, Clock::time_point now) {
  const Digest given = digest_of(key);
  if (const ApiGrant* grant = grant_of(given)) return Entry{grant, given};
  return refuse(address, now);
}

// Looks at every key whole, so that the time it takes tells nothing.
const ApiGrant* ApiGate::grant_of(const Digest& key) const noexcept {
  const ApiGrant* found = nullptr;
  for (const Key& one : keys_) {
    if (are_same(one.digest, key)) found = &one.grant;
  }
  return found;
}

ApiProblem ApiGate::refuse(std::string_view address, Clock::time_point now) {
  constexpr std::chrono::minutes kWindow{1};
  if (wrong_.size() >= kMostAddresses) {
    std::erase_if(wrong_, [&](const auto& entry) { return now - entry.second.since >= kWindow; });
    if (wrong_.size() >= kMostAddresses) wrong_.clear();
  }
  Count& count = wrong_.try_emplace(std::string(address), Count{now, 0}).first->second;
  if (now - count.since >= kWindow) count = {now, 0};
  if (++count.wrong > kMostWrongKeys) {
    return {429, "too_many_wrong_keys", "too many wrong keys from this address; try again in a minute", {}};
  }
  return {401, "unauthorized", "the key is none of [[api.keys]]", {}};
}

}  // namespace hearth::app
