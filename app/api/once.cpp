#include "api/once.hpp"

#include "api/answer.hpp"
#include "api/called_back.hpp"
#include "backend/trace.hpp"
#include "hearth/redis_options.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <openssl/sha.h>

#include <array>
#include <exception>
#include <stdexcept>
#include <utility>
#include <vector>

namespace hearth::app {

namespace {

namespace asio = boost::asio;

using Clock = OnceMemory::Clock;

// Redis knows what has a key as `pending:<node>:<body>`, then as `done:<body>`; a node that does something has a lease
// of its own, so that one that has gone is told from one that is slow. What is pending by the node that asks was never
// begun: its own memory has been asked before, and the answer to its first claim was lost.
constexpr std::string_view kClaim = R"(
local known = redis.call('GET', KEYS[1])
if not known then
  redis.call('SET', KEYS[2], '1', 'PX', ARGV[4])
  redis.call('SET', KEYS[1], 'pending:' .. ARGV[1] .. ':' .. ARGV[2], 'PX', ARGV[3])
  return 'mine'
end
local node, body = known:match('^pending:(%x+):(%x+)$')
if not node then body = known:match('^done:(%x+)$') end
if body ~= ARGV[2] then return 'conflict' end
if not node then return 'done' end
if node == ARGV[1] then
  redis.call('SET', KEYS[2], '1', 'PX', ARGV[4])
  return 'mine'
end
if redis.call('GET', 'hearth:once-node:' .. node) then return 'pending' end
return 'unknown')";
// Only what is still this node's own.
constexpr std::string_view kForget = R"(
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0)";

std::string hash_of(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  ::SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::string hex;
  for (const unsigned char byte : digest) {
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 15U];
  }
  return hex;
}

std::string milliseconds(std::chrono::milliseconds duration) { return std::to_string(duration.count()); }

std::string entry_of(const OnceKey& key) { return "hearth:once:" + key.id; }

// GCC 12 cannot make such lists within a coroutine.
std::vector<std::string> claiming(const OnceKey& key, const std::string& node) {
  return {"EVAL",
          std::string(kClaim),
          "2",
          entry_of(key),
          "hearth:once-node:" + node,
          node,
          key.body,
          milliseconds(OnceMemory::kLife),
          milliseconds(Once::kLease)};
}

std::vector<std::string> finishing(const OnceKey& key) {
  return {"SET", entry_of(key), "done:" + key.body, "PX", milliseconds(OnceMemory::kLife)};
}

std::vector<std::string> forgetting(const OnceKey& key, const std::string& node) {
  return {"EVAL", std::string(kForget), "1", entry_of(key), "pending:" + node + ':' + key.body};
}

ApiProblem conflict() {
  return {409, "idempotency_conflict", "the idempotencyKey stands for another request of the last 5 minutes",
          "/idempotencyKey"};
}

ApiProblem pending() {
  return {503, "idempotency_pending", "a request with this idempotencyKey is being carried out; ask again", {}};
}

ApiProblem unavailable(const std::string& why) {
  return {503,
          "idempotency_unavailable",
          "whether this was done already cannot be found out (" + why + "), so it has not been done",
          {}};
}

}  // namespace

Once::Once(std::optional<std::string> redis, asio::any_io_executor executor)
    : url_(std::move(redis)), executor_(std::move(executor)), node_(random_hex(16)) {}

OnceKey Once::key_of(std::string_view owner, std::string_view idempotency_key, std::string_view body) {
  return {hash_of(std::string(owner) + '\0' + std::string(idempotency_key)), hash_of(body)};
}

asio::awaitable<bool> Once::claim(OnceKey key) {
  switch (memory_.claim(key)) {
    case OnceState::mine:
      break;
    case OnceState::pending:
      throw pending();
    case OnceState::done:
      co_return false;
    case OnceState::conflict:
      throw conflict();
    case OnceState::full:
      throw unavailable("too many keys were given in the last 5 minutes");
  }
  if (!url_) co_return true;
  bool is_mine = false;
  try {
    is_mine = co_await claim_everywhere(key);
  } catch (...) {
    memory_.forget(key);
    throw;
  }
  if (!is_mine) memory_.finish(key);
  co_return is_mine;
}

asio::awaitable<bool> Once::claim_everywhere(const OnceKey& key) {
  const RedisResult result = co_await ask(claiming(key, node_));
  if (!result) throw unavailable(result.error);
  const std::string& answer = result.reply.text;
  if (answer == "mine") co_return true;
  if (answer == "done") co_return false;
  if (answer == "conflict") throw conflict();
  if (answer == "pending") throw pending();
  throw ApiProblem{409,
                   "idempotency_unknown",
                   "an instance that has gone was carrying this request out, and may have done it or not",
                   {}};
}

asio::awaitable<void> Once::finish(OnceKey key) {
  memory_.finish(key);
  if (url_) co_await ask(finishing(key));
}

asio::awaitable<void> Once::forget(OnceKey key) {
  memory_.forget(key);
  if (url_) co_await ask(forgetting(key, node_));
}

// Whatever becomes of it: who got no answer cannot know that nothing was done.
void Once::expect_same(const OnceKey& key) {
  const OnceState state = elsewhere_.claim(key);
  if (state == OnceState::conflict) throw conflict();
  if (state == OnceState::mine) elsewhere_.finish(key);
}

RedisClient& Once::client() {
  if (!client_) {
    RedisOptions options = RedisOptions::from_url(*url_);
    options.ready_timeout = kPatience;
    client_ = std::make_unique<RedisClient>(std::move(options));
  }
  return *client_;
}

// A Redis Cluster throws: RedisClient is not for it.
asio::awaitable<RedisResult> Once::ask(std::vector<std::string> command) {
  RedisClient* redis = nullptr;
  try {
    redis = &client();
  } catch (const std::exception& error) {
    co_return RedisResult{RedisFailure::not_sent, error.what(), {}};
  }
  const auto send = [redis, &command](auto done) {
    const std::vector<std::string_view> words(command.begin(), command.end());
    redis->command(words, std::move(done));
  };
  co_return co_await called_back<RedisResult>(send);
}

}  // namespace hearth::app
