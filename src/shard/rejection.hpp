#pragma once

#include "hearth/rejected.hpp"
#include "hearth/requests.hpp"
#include "protocol/json.hpp"
#include "shard/outcome.hpp"

#include <string>

namespace hearth::shard {

/// Whether `authenticate` has thrown what refuses a client, and so did not fail.
inline bool throws_refusal(const Outcome<AuthenticateResult>& outcome) noexcept {
  return outcome.threw<Rejected>() || outcome.threw<TokenExpired>();
}

/// The member `reason` of the answer to who is rejected with one, as more of its data; otherwise nothing.
inline std::string reason_for(const Outcome<AuthenticateResult>& outcome) {
  if (!outcome.threw<Rejected>()) return {};
  std::string member = R"(,"reason":)";
  protocol::append_quoted(member, outcome.what());
  return member;
}

}  // namespace hearth::shard
