#include "shard/control_plane.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <exception>
#include <utility>

namespace hearth::shard {

namespace {

// Whose control plane runs on this thread.
thread_local const ControlPlane* control_plane_here = nullptr;

// For coroutines on the application's executor, once the server has shut down.
constexpr std::chrono::seconds kFarewell{1};

}  // namespace

ControlPlane::ControlPlane(std::shared_ptr<const Options> options, log::Log log)
    : options_(std::move(options)),
      log_(std::move(log)),
      slots_(options_->limits.running_handlers, options_->limits.waiting_handlers),
      transforms_(*this),
      executor_(options_->executor) {}

ControlPlane::~ControlPlane() = default;

crypto::KeyPair ControlPlane::take_key_pair() {
  crypto::KeyPair pair = key_pairs_.take();
  if (key_pairs_.begin_filling()) fill_key_pairs();
  return pair;
}

// A few at a time, so that handshakes don't wait for it.
void ControlPlane::fill_key_pairs() {
  boost::asio::post(executor_, [self = shared_from_this()] {
    if (!self->slots_.is_closed() && self->key_pairs_.add_some()) self->fill_key_pairs();
  });
}

void ControlPlane::start() {
  slots_.open();
  transforms_.open();
  if (!options_->executor) run_thread();
}

void ControlPlane::prepare_key_pairs() {
  const bool has_handlers = options_->handshake || options_->outbound_transformer;
  if (options_->encryption != Encryption::off && !has_handlers && key_pairs_.begin_filling()) fill_key_pairs();
}

void ControlPlane::run_thread() {
  own_ = std::make_unique<boost::asio::io_context>(1);
  executor_ = own_->get_executor();
  work_.emplace(own_->get_executor());
  thread_ = std::thread([this] {
    control_plane_here = this;
    for (;;) {
      try {
        own_->run();
        return;
      } catch (const std::exception& error) {
        log_(LogLevel::error, "control_plane_failed", "something was thrown past a handler", {{"what", error.what()}});
      }
    }
  });
}

void ControlPlane::stop() {
  slots_.close();
  transforms_.close();
  if (!own_) {
    // What has been told to end, or is about to, is given a moment, unless it is this thread that it needs.
    const auto until = std::chrono::steady_clock::now() + (is_here() ? std::chrono::seconds(0) : kFarewell);
    slots_.await_idle(until);
    transforms_.await_idle(until);
    return;
  }
  work_.reset();
  own_->stop();
  if (thread_.joinable()) thread_.join();
  own_.reset();  // and with it the coroutines that still wait, which hold on to this object
}

bool ControlPlane::is_here() const noexcept {
  using boost::asio::io_context;
  using boost::asio::thread_pool;
  const auto& given = options_->executor;
  if (const auto* context = given.target<io_context::executor_type>()) return context->running_in_this_thread();
  if (const auto* pool = given.target<thread_pool::executor_type>()) return pool->running_in_this_thread();
  return control_plane_here == this;
}

}  // namespace hearth::shard
