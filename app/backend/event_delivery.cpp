#include "backend/event_delivery.hpp"

#include "backend/redis_question.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::app {

namespace asio = boost::asio;

namespace {

// In one script, so that no event overtakes one before it that has failed. KEYS[1] the stream, ARGV[1] its length.
constexpr std::string_view kAppend = R"(for i = 2, #ARGV do
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'event', ARGV[i])
end
return #ARGV - 1)";

std::string body_of(const EventBatch& batch, const NodeName& node) {
  std::string list;
  for (const std::string& event : batch.events) list.append(list.empty() ? "[" : ",").append(event);
  QuestionBody body("events");
  body.add_json("node", json_of(node)).add_json("skipped", std::to_string(batch.skipped));
  body.add_json("events", list + "]");
  return std::move(body).take();
}

Awaitable<std::string> append(RedisClient& redis, const config::EventsConfig& config, asio::any_io_executor executor,
                              const EventBatch& batch) {
  const std::string most = std::to_string(config.max_length);
  const std::string skipped = R"({"type":"skipped","count":)" + std::to_string(batch.skipped) + "}";
  std::vector<std::string_view> arguments{"EVAL", kAppend, "1", config.stream, most};
  if (batch.skipped > 0) arguments.emplace_back(skipped);
  arguments.insert(arguments.end(), batch.events.begin(), batch.events.end());
  const RedisResult result = co_await ask_redis(redis, std::move(executor), std::move(arguments));
  if (result) co_return std::string();
  co_return result.error.empty() ? "Redis has not confirmed it" : result.error;
}

}  // namespace

Events::Deliver deliver_to_backend(Backend& backend, const NodeName& node) {
  return [&backend, node](const EventBatch& batch, const std::string& id) {
    return backend.deliver(body_of(batch, node), id);
  };
}

Events::Deliver deliver_to_redis(RedisClient& redis, const config::EventsConfig& config,
                                 const asio::any_io_executor& executor) {
  return [&redis, config, executor](const EventBatch& batch, const std::string& /*id*/) {
    return append(redis, config, executor, batch);
  };
}

}  // namespace hearth::app
