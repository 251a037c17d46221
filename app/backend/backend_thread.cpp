#include "backend/backend_thread.hpp"

#include "backend/event_delivery.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <future>
#include <utility>

namespace hearth::app {

namespace {

bool has_key_sets(const config::AuthConfig& auth) {
  return std::any_of(auth.jwt.begin(), auth.jwt.end(), [](const auto& jwt) { return jwt.jwks_url.has_value(); });
}

}  // namespace

std::unique_ptr<BackendThread> BackendThread::begin(const config::Config& config, const NodeName& node,
                                                    std::shared_ptr<JwtVerifier> verifier, const Backend::Log& log) {
  if (!config.backend.url && !has_key_sets(config.auth) && !config.events.to) return nullptr;
  return std::make_unique<BackendThread>(config, node, std::move(verifier), log);
}

BackendThread::BackendThread(const config::Config& config, const NodeName& node, std::shared_ptr<JwtVerifier> verifier,
                             const Backend::Log& log)
    : work_(io_.get_executor()), http_(io_), node_(node), log_(log) {
  if (config.backend.url) backend_.emplace(http_, io_.get_executor(), config.backend, log);
  key_sets_.emplace(http_, io_.get_executor(), config.auth, std::move(verifier), log);
  if (config.events.to == config::EventsTo::redis) redis_ = std::make_unique<RedisClient>(*config.broker.url);
  if (config.events.to) {
    events_.emplace(
        io_.get_executor(), node, config.events.queue.bytes,
        redis_ ? deliver_to_redis(*redis_, config.events, io_.get_executor()) : deliver_to_backend(*backend_, node),
        log);
  }
  thread_ = std::thread([this] { io_.run(); });
}

BackendThread::~BackendThread() {  // NOLINT(bugprone-exception-escape)
  if (redis_) redis_->shutdown();
  boost::asio::post(io_, [this] {
    if (nodes_) nodes_->close(leaves_list_);
    if (events_) events_->close();
    if (backend_) backend_->close();
    key_sets_->close();
    http_.close();
    work_.reset();
  });
  thread_.join();  // when nothing waits for anything any more
}

void BackendThread::start() { key_sets_->start(); }

void BackendThread::update(const config::Config& config, const std::shared_ptr<JwtVerifier>& verifier) {
  std::promise<void> done;
  boost::asio::post(io_, [&] {
    if (backend_) backend_->update(config.backend);
    key_sets_->update(config.auth, verifier);
    done.set_value();
  });
  done.get_future().wait();
}

void BackendThread::start_events() {
  if (events_) events_->start();
}

void BackendThread::watch_nodes(NodeRegister& list, std::chrono::milliseconds lost_after, NodeWatch::Teller teller) {
  nodes_.emplace(io_.get_executor(), list, node_, lost_after, std::move(teller), log_);
  nodes_->start();
}

}  // namespace hearth::app
