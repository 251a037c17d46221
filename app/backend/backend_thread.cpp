#include "backend/backend_thread.hpp"

#include "backend/event_delivery.hpp"

#include <boost/asio/post.hpp>

#include <exception>
#include <future>
#include <string>
#include <utility>

namespace hearth::app {

BackendThread::BackendThread(const config::Config& config, const NodeName& node, std::shared_ptr<JwtVerifier> verifier,
                             const Backend::Log& log)
    : work_(io_.get_executor()),
      http_(io_),
      log_(log),
      backend_(http_, io_.get_executor(), config.backend, logger()),
      key_sets_(http_, io_.get_executor(), config.auth, std::move(verifier), logger()),
      node_(node) {
  if (config.events.to == config::EventsTo::redis) redis_ = std::make_unique<RedisClient>(*config.broker.url);
  if (config.events.to) {
    events_.emplace(
        io_.get_executor(), node, config.events.queue.bytes,
        redis_ ? deliver_to_redis(*redis_, config.events, io_.get_executor()) : deliver_to_backend(backend_, node),
        logger());
  }
  thread_ = std::thread([this] { run(); });
}

BackendThread::~BackendThread() {  // NOLINT(bugprone-exception-escape)
  if (redis_) redis_->shutdown();
  boost::asio::post(io_, [this] {
    if (nodes_) nodes_->close(leaves_list_);
    if (events_) events_->close();
    backend_.close();
    key_sets_.close();
    http_.close();
    work_.reset();
  });
  thread_.join();  // when nothing waits for anything any more
}

void BackendThread::run() {
  for (;;) {
    try {
      io_.run();
      return;
    } catch (const std::exception& error) {
      log(LogLevel::error, std::string("something was thrown past a handler: ") + error.what());
    }
  }
}

void BackendThread::log(LogLevel level, std::string_view line) const {
  if (!is_quiet_) log_(level, line);
}

Backend::Log BackendThread::logger() const {
  return [this](LogLevel level, std::string_view line) { log(level, line); };
}

template <class Function>
void BackendThread::do_there(Function function) {
  std::promise<void> done;
  boost::asio::post(io_, [&] {
    try {
      function();
      done.set_value();
    } catch (...) {
      done.set_exception(std::current_exception());
    }
  });
  done.get_future().get();
}

void BackendThread::start() {
  do_there([this] { key_sets_.start(); });
}

void BackendThread::quiet() {
  do_there([this] { is_quiet_ = true; });
}

void BackendThread::update(const config::Config& config, const std::shared_ptr<JwtVerifier>& verifier) {
  do_there([&] {
    backend_.update(config.backend);
    key_sets_.update(config.auth, verifier);
  });
}

void BackendThread::start_events() {
  if (events_) events_->start();
}

void BackendThread::watch_nodes(NodeRegister& list, std::chrono::milliseconds lost_after, NodeWatch::Teller teller) {
  nodes_.emplace(io_.get_executor(), list, node_, lost_after, std::move(teller), logger());
  nodes_->start();
}

}  // namespace hearth::app
