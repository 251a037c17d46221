#pragma once

#include "backend/http_client.hpp"
#include "backend/statistics.hpp"
#include "config/config.hpp"
#include "hearth/handler.hpp"
#include "hearth/jwt.hpp"
#include "hearth/log.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace hearth::app {

/// The key sets of issuers with a `jwks_url`: fetched, and given to their verifier. A reload may have them be others.
///
/// One thread, that of the HTTP client, unless something else is said.
class KeySets {
 public:
  using Log = std::function<void(LogLevel, std::string_view line)>;

  KeySets(HttpClient& http, boost::asio::any_io_executor executor, const config::AuthConfig& auth,
          std::shared_ptr<JwtVerifier> verifier, Log log);
  ~KeySets();
  KeySets(const KeySets&) = delete;
  KeySets& operator=(const KeySets&) = delete;

  /// Begins to fetch, again and again. Any thread, once.
  void start();
  /// From now on these are the issuers, and this is their verifier: it is given what was fetched for those that stay
  /// before this returns. Others are fetched, once start() was called.
  void update(const config::AuthConfig& auth, std::shared_ptr<JwtVerifier> verifier);
  /// Fetches nothing any more; who waits is told that nothing is known.
  void close();

  /// For a token with a key that nobody knows: fetches the set of this issuer (its index in the configuration of that
  /// verifier), or waits while somebody does; at most every 10 s. False: it cannot be had, or the issuers are others
  /// now, so that nothing is known of that key.
  Awaitable<bool> refresh(const JwtVerifier* verifier, std::size_t issuer);
  /// Fetches each set once; whether all came.
  Awaitable<bool> fetch_all();

  /// From any thread.
  KeySetStatistics statistics() const;

 private:
  struct Set;

  Awaitable<void> keep(std::shared_ptr<Set> set);
  Awaitable<void> fetch(Set& set);
  bool take(Set& set, const HttpAnswer& answer);
  void drop(Set& set);
  void note(Set& set, bool is_good);
  void show();

  HttpClient& http_;
  boost::asio::any_io_executor executor_;
  std::shared_ptr<JwtVerifier> verifier_;
  Log log_;
  std::vector<std::shared_ptr<Set>> sets_{};
  bool is_started_ = false;
  mutable std::mutex mutex_{};
  KeySetStatistics statistics_{};  // guarded by mutex_
};

}  // namespace hearth::app
