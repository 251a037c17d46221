#include "load/client_tokens.hpp"

#include <utility>

namespace hearth::load {

ClientTokens::ClientTokens(JwtSigner signer, boost::json::object claims, std::chrono::milliseconds duration)
    : signer_(std::move(signer)),
      claims_(std::move(claims)),
      lifetime_(std::chrono::ceil<std::chrono::seconds>(duration) + std::chrono::hours(1)) {}

std::string ClientTokens::make(std::uint32_t client) const {
  boost::json::object claims = claims_;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  claims.emplace("sub", "bench-" + std::to_string(client));
  claims.emplace("iat", now.time_since_epoch().count());
  claims.emplace("exp", (now + lifetime_).time_since_epoch().count());
  return signer_.sign(claims);
}

}  // namespace hearth::load
