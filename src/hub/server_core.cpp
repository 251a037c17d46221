#include "hub/server_core.hpp"

#include "hub/shard.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace hearth::hub {

namespace {

// Whose control plane runs on this thread.
thread_local const ServerCore* control_plane_of = nullptr;

std::shared_ptr<const Delivery> own(const Destination& destination, std::span<const std::string_view> pieces) {
  auto delivery = std::make_shared<Delivery>();
  delivery->kind = destination.target.kind;
  delivery->name = destination.target.name;
  delivery->exclude.assign(destination.exclude.begin(), destination.exclude.end());
  std::size_t size = 0;
  for (const auto piece : pieces) size += piece.size();
  delivery->envelope.reserve(size);
  for (const auto piece : pieces) delivery->envelope += piece;
  return delivery;
}

}  // namespace

ServerCore::ServerCore(Options options)
    : options_(std::move(options)),
      log_(make_log(options_)),
      congestion_([this] { wake_shards(); }),
      transforms_(*this),
      executor_(options_.executor) {}

ServerCore::~ServerCore() = default;

Shard* ServerCore::this_shard() const noexcept {
  Shard* shard = Shard::current();
  return shard != nullptr && &shard->core() == this ? shard : nullptr;
}

Shard* ServerCore::shard_of(const protocol::ClientId& id) const noexcept {
  return id.shard() < shards_.size() ? shards_[id.shard()].get() : nullptr;
}

void ServerCore::deliver(const Destination& destination, std::span<const std::string_view> pieces) {
  Shard* here = this_shard();
  if (destination.target.kind == Target::Kind::client) {
    const auto id = protocol::ClientId::parse(destination.target.name);
    Shard* home = id ? shard_of(*id) : nullptr;
    if (home == nullptr) return;
    if (home == here && destination.exclude.empty()) return here->deliver_to_client(*id, pieces);
    if (home == here) return here->deliver(destination, pieces);
    return home->post(own(destination, pieces), here == nullptr);
  }
  if (here != nullptr) here->deliver(destination, pieces);
  if (here != nullptr && shards_.size() == 1) return;
  const auto delivery = own(destination, pieces);
  for (const auto& shard : shards_) {
    if (shard.get() != here) shard->post(delivery, here == nullptr);
  }
}

crypto::KeyPair ServerCore::take_key_pair() {
  crypto::KeyPair pair = key_pairs_.take();
  if (key_pairs_.begin_filling()) fill_key_pairs();
  return pair;
}

// A few at a time, so that handshakes don't wait for it.
void ServerCore::fill_key_pairs() {
  boost::asio::post(executor_, [core = shared_from_this()] {
    if (core->key_pairs_.add_some()) core->fill_key_pairs();
  });
}

void ServerCore::start_control_plane() {
  if (!options_.executor) run_control_plane();
  const bool has_handlers = options_.handshake || options_.outbound_transformer;
  if (options_.encryption != Encryption::off && !has_handlers && key_pairs_.begin_filling()) fill_key_pairs();
}

void ServerCore::run_control_plane() {
  control_plane_ = std::make_unique<boost::asio::io_context>(1);
  executor_ = control_plane_->get_executor();
  work_.emplace(control_plane_->get_executor());
  control_thread_ = std::thread([this] {
    control_plane_of = this;
    for (;;) {
      try {
        control_plane_->run();
        return;
      } catch (const std::exception& error) {
        log_(LogLevel::error, std::string("control plane: an exception was thrown past a handler: ") + error.what());
      }
    }
  });
}

void ServerCore::stop_control_plane() {
  if (!control_plane_) return;
  work_.reset();
  control_plane_->stop();
  if (control_thread_.joinable()) control_thread_.join();
  control_plane_.reset();  // and with it the coroutines that still wait, which hold on to this object
}

bool ServerCore::is_handler_thread() const noexcept {
  using boost::asio::io_context;
  using boost::asio::thread_pool;
  const auto& given = options_.executor;
  if (const auto* context = given.target<io_context::executor_type>()) return context->running_in_this_thread();
  if (const auto* pool = given.target<thread_pool::executor_type>()) return pool->running_in_this_thread();
  return control_plane_of == this;
}

void ServerCore::wake_shards() {
  for (const auto& shard : shards_) shard->wake();
}

}  // namespace hearth::hub
