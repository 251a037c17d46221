#include "backend/backend_thread.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace hearth::app {

BackendThread::BackendThread(const config::Config& config, Backend::Log log) : work_(io_.get_executor()), http_(io_) {
  if (config.backend.url) backend_.emplace(http_, io_.get_executor(), config.backend, std::move(log));
  thread_ = std::thread([this] { io_.run(); });
}

BackendThread::~BackendThread() {  // NOLINT(bugprone-exception-escape)
  boost::asio::post(io_, [this] {
    if (backend_) backend_->close();
    http_.close();
    work_.reset();
  });
  thread_.join();  // when nothing waits for anything any more
}

}  // namespace hearth::app
