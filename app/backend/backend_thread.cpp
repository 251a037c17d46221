#include "backend/backend_thread.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace hearth::app {

namespace {

bool has_key_sets(const config::AuthConfig& auth) {
  return std::any_of(auth.jwt.begin(), auth.jwt.end(), [](const auto& jwt) { return jwt.jwks_url.has_value(); });
}

}  // namespace

std::unique_ptr<BackendThread> BackendThread::begin(const config::Config& config, std::shared_ptr<JwtVerifier> verifier,
                                                    const Backend::Log& log) {
  if (!config.backend.url && !has_key_sets(config.auth)) return nullptr;
  return std::make_unique<BackendThread>(config, std::move(verifier), log);
}

BackendThread::BackendThread(const config::Config& config, std::shared_ptr<JwtVerifier> verifier,
                             const Backend::Log& log)
    : work_(io_.get_executor()), http_(io_) {
  if (config.backend.url) backend_.emplace(http_, io_.get_executor(), config.backend, log);
  if (has_key_sets(config.auth)) key_sets_.emplace(http_, io_.get_executor(), config.auth, std::move(verifier), log);
  thread_ = std::thread([this] { io_.run(); });
}

BackendThread::~BackendThread() {  // NOLINT(bugprone-exception-escape)
  boost::asio::post(io_, [this] {
    if (backend_) backend_->close();
    if (key_sets_) key_sets_->close();
    http_.close();
    work_.reset();
  });
  thread_.join();  // when nothing waits for anything any more
}

void BackendThread::start() {
  if (key_sets_) key_sets_->start();
}

}  // namespace hearth::app
