#include "hearth/redis_client.hpp"

#include "redis/io_thread.hpp"
#include "redis/pipeline.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace hearth {

namespace {

constexpr std::chrono::seconds kFarewell{1};  // for what waits to go out at the end

/// What would change the connection for whatever is sent after it, or has other answers than one.
constexpr std::array<std::string_view, 20> kNotForAll{
    "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", "MONITOR",
    "MULTI",     "EXEC",       "DISCARD",    "WATCH",       "UNWATCH",      "SELECT",       "AUTH",
    "HELLO",     "RESET",      "QUIT",       "SYNC",        "PSYNC",        "REPLCONF"};

bool is(std::string_view text, std::string_view upper) {
  return std::equal(text.begin(), text.end(), upper.begin(), upper.end(),
                    [](char a, char b) { return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b; });
}

void check(std::span<const std::string_view> arguments) {
  if (arguments.empty() || arguments.front().empty()) {
    throw std::invalid_argument("hearth: a command for Redis needs a name; it is empty");
  }
  const std::string_view name = arguments.front();
  const bool of_the_connection =
      std::any_of(kNotForAll.begin(), kNotForAll.end(), [&](std::string_view one) { return is(name, one); }) ||
      (is(name, "CLIENT") && arguments.size() > 1 && is(arguments[1], "REPLY"));
  if (of_the_connection) {
    throw std::invalid_argument("hearth: " + std::string(name) +
                                " would change the connection for the commands after it; for a transaction use a "
                                "script (EVAL), for messages a broker");
  }
}

/// The reply that begins at the node; `node` is then the one after it.
RedisReply reply_at(const redis::RespReply& reply, std::size_t& node) {
  using From = redis::RespReply::Type;
  using To = RedisReply::Type;
  const std::size_t here = node++;
  RedisReply value;
  if (reply.is(here, From::integer)) {
    value.type = To::integer;
    value.integer = reply.integer(here);
  } else if (reply.is(here, From::array)) {
    value.type = To::array;
    const auto size = static_cast<std::size_t>(reply.integer(here));
    value.elements.reserve(size);
    for (std::size_t i = 0; i < size; ++i) value.elements.push_back(reply_at(reply, node));
  } else if (!reply.is(here, From::nil)) {
    value.type = reply.is(here, From::error) ? To::error : To::string;
    value.text = reply.text(here);
  }
  return value;
}

RedisResult result_of(const redis::Pipeline::Outcome& outcome) {
  RedisResult result{.failure = outcome.failure, .error = std::string(outcome.error)};
  std::size_t node = 0;
  if (outcome.failure == RedisFailure::none) result.reply = reply_at(*outcome.reply, node);
  return result;
}

}  // namespace

/// The thread keeps it until it ends, so that a `Done` may destroy the client.
class RedisClient::Impl final : public std::enable_shared_from_this<RedisClient::Impl>, private redis::Pipeline::Owner {
 public:
  explicit Impl(RedisOptions options);

  void start();
  void wait_until_ready();
  void command(std::span<const std::string_view> arguments, Done done);
  void shutdown();

 private:
  void pipeline_up() override { note(true, {}); }
  void pipeline_down(const std::string& reason) override { note(false, reason); }
  void note(bool up, const std::string& reason);

  const RedisOptions options_;
  const std::shared_ptr<redis::Tls> tls_;
  redis::IoThread io_;
  redis::Pipeline pipeline_;

  std::mutex mutex_;  // of those below
  std::condition_variable changed_;
  bool up_ = false;
  bool shut_down_ = false;
  std::string reason_;
};

RedisClient::Impl::Impl(RedisOptions options)
    : options_((options.check(), std::move(options))),
      tls_(redis::make_tls(options_.tls)),
      io_([this](const std::string& what) { pipeline_.fail("an exception on the client's thread: " + what); }),
      pipeline_(
          io_.executor(), options_, tls_.get(),
          {.role = "client", .overflow = redis::Pipeline::Overflow::refuse_newest, .max_wait = options_.ready_timeout},
          *this) {
  if (options_.topology == RedisTopology::cluster) {
    throw std::invalid_argument("hearth: a RedisClient speaks to one server; there is none for a Cluster yet");
  }
}

void RedisClient::Impl::start() {
  boost::asio::post(io_.executor(), [this] { pipeline_.start(); });
  io_.start(shared_from_this());
}

void RedisClient::Impl::note(bool up, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  up_ = up;
  reason_ = reason;
  changed_.notify_all();
}

void RedisClient::Impl::wait_until_ready() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, options_.ready_timeout, [this] { return up_ || shut_down_; });
  if (shut_down_) throw std::runtime_error("the Redis client was shut down before it was ready");
  if (up_) return;
  throw std::runtime_error("Redis client did not become ready within " +
                           std::to_string(options_.ready_timeout.count()) + "ms (" +
                           (reason_.empty() ? "no answer" : reason_) + ')');
}

void RedisClient::Impl::command(std::span<const std::string_view> arguments, Done done) {
  check(arguments);
  redis::Pipeline::Done told;
  if (done) told = [done = std::move(done)](const redis::Pipeline::Outcome& outcome) { done(result_of(outcome)); };
  pipeline_.add({.command = redis::RespCommand(arguments), .done = std::move(told)});
}

void RedisClient::Impl::shutdown() {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = !std::exchange(shut_down_, true);
  }
  if (first) {
    changed_.notify_all();
    boost::asio::post(io_.executor(), [this] { pipeline_.finish(kFarewell); });
    io_.end();
  }
  io_.join();
}

RedisClient::RedisClient(RedisOptions options) : impl_(std::make_shared<Impl>(std::move(options))) { impl_->start(); }
RedisClient::RedisClient(std::string_view url) : RedisClient(RedisOptions::from_url(url)) {}
// Without the memory to say that it is over there is no way to end it.
RedisClient::~RedisClient() { impl_->shutdown(); }  // NOLINT(bugprone-exception-escape)

void RedisClient::wait_until_ready() { impl_->wait_until_ready(); }

void RedisClient::command(std::span<const std::string_view> arguments, Done done) {
  impl_->command(arguments, std::move(done));
}

std::future<RedisResult> RedisClient::command(std::span<const std::string_view> arguments) {
  auto promise = std::make_shared<std::promise<RedisResult>>();
  std::future<RedisResult> result = promise->get_future();
  impl_->command(arguments, [promise](const RedisResult& one) { promise->set_value(one); });
  return result;
}

void RedisClient::shutdown() { impl_->shutdown(); }

}  // namespace hearth
