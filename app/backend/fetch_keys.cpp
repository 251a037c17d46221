#include "backend/fetch_keys.hpp"

#include "backend/http_client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace hearth::app {

void fetch_keys(const config::AuthConfig& auth, const std::shared_ptr<JwtVerifier>& verifier, KeySets::Log log) {
  const bool has_any = std::any_of(auth.jwt.begin(), auth.jwt.end(),
                                   [](const config::JwtConfig& jwt) { return jwt.jwks_url.has_value(); });
  if (!has_any) return;
  boost::asio::io_context io(1);
  HttpClient http(io);
  KeySets sets(http, io.get_executor(), auth, verifier, std::move(log));
  boost::asio::co_spawn(io, sets.fetch_all(), [&http](const std::exception_ptr& error, bool /*have_come*/) {
    http.close();
    if (error) std::rethrow_exception(error);
  });
  io.run();
}

}  // namespace hearth::app
