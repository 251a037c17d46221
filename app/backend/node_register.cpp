#include "backend/node_register.hpp"

#include "backend/redis_question.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <future>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace hearth::app {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kKey = "hearth:event-nodes";

// A value is `<seen> <life> <mark> <name>`, as ListedNode has them; that of the field `@` says which list it is. Times
// are those of Redis alone.

// ARGV instance or '', life, mark, name. The time, and all ids and values.
constexpr std::string_view kBeat = R"lua(
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
if ARGV[1] ~= '' then
  local own, list
  local kept = redis.call('HGETALL', KEYS[1])
  for i = 1, #kept, 2 do
    if kept[i] == ARGV[1] then own = kept[i + 1] end
    if kept[i] == '@' then list = kept[i + 1] end
  end
  if not list then redis.call('HSET', KEYS[1], '@', now .. '-' .. ARGV[1]) end
  local life, mark = string.match(own or '', '^%d+ (%d+) (%S+) ')
  if not life then life, mark = string.format('%.0f', ARGV[2] + 1), '+' end
  if mark == '+' or mark == '-' then
    redis.call('HSET', KEYS[1], ARGV[1], now .. ' ' .. life .. ' ' .. ARGV[3] .. ' ' .. ARGV[4])
  end
end
local all = redis.call('HGETALL', KEYS[1])
table.insert(all, 1, now)
return all
)lua";

// ARGV instance, name, then the instances that do not count.
constexpr std::string_view kEnter = R"lua(
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local dead = {}
for i = 3, #ARGV do dead[ARGV[i]] = true end
local kept = redis.call('HGETALL', KEYS[1])
for i = 1, #kept, 2 do
  if string.match(kept[i + 1], '^%d+ %d+ %S+ (.*)$') == ARGV[2] and not dead[kept[i]] then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], now .. ' 1 - ' .. ARGV[2])
return 1
)lua";

// ARGV instance, its value, the value that it gets.
constexpr std::string_view kClaim = R"lua(
local kept = redis.call('HGETALL', KEYS[1])
for i = 1, #kept, 2 do
  if kept[i] == ARGV[1] and kept[i + 1] == ARGV[2] then
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
    return 1
  end
end
return 0
)lua";

// ARGV instances and values.
constexpr std::string_view kPutBack = R"lua(
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local there = {}
local kept = redis.call('HGETALL', KEYS[1])
for i = 1, #kept, 2 do there[kept[i]] = true end
for i = 1, #ARGV, 2 do
  if not there[ARGV[i]] then redis.call('HSET', KEYS[1], ARGV[i], now .. string.match(ARGV[i + 1], ' .*$')) end
end
return 1
)lua";

// ARGV instance, reporter.
constexpr std::string_view kRemove = R"lua(
local kept = redis.call('HGETALL', KEYS[1])
for i = 1, #kept, 2 do
  if kept[i] == ARGV[1] and string.match(kept[i + 1], '^%d+ %d+ (%S+) ') == ARGV[2] then
    redis.call('HDEL', KEYS[1], ARGV[1])
  end
end
return 1
)lua";

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && end.ec == std::errc() && end.ptr == text.data() + text.size();
}

// Nothing for what no instance has written.
std::optional<ListedNode> node_of(const std::string& id, const std::string& value) {
  ListedNode node{.id = id, .value = value};
  std::string_view rest = value;
  std::array<std::string_view, 3> words;
  for (std::string_view& word : words) {
    const std::size_t end = rest.find(' ');
    if (end == std::string_view::npos) return std::nullopt;
    word = rest.substr(0, end);
    rest.remove_prefix(end + 1);
  }
  if (!read_number(words[0], node.seen) || !read_number(words[1], node.life) || words[2].empty()) return std::nullopt;
  node.mark = words[2];
  node.name = rest;
  return node;
}

NodeAnswer answer_of(const RedisResult& result) {
  if (!result) return {std::nullopt, result.error.empty() ? "Redis has not confirmed it" : result.error};
  NodeLook look;
  const std::vector<RedisReply>& elements = result.reply.elements;
  if (elements.empty() || !read_number(elements.front().text, look.now)) return {std::nullopt, "Redis gives no list"};
  for (std::size_t i = 1; i + 1 < elements.size(); i += 2) {
    if (elements[i].text == "@") look.list = elements[i + 1].text;
    if (auto node = node_of(elements[i].text, elements[i + 1].text)) look.nodes.push_back(*std::move(node));
  }
  return {std::move(look), {}};
}

[[noreturn]] void refuse(const std::string& why) {
  throw std::runtime_error("this instance cannot be entered in " + std::string(kKey) +
                           ", the list in Redis of those that tell events: " + why);
}

}  // namespace

void NodeRegister::wait_until_ready(const std::function<void()>& slow) {
  if (redis_.command({"PING"}).wait_for(std::chrono::seconds(1)) != std::future_status::ready) slow();
  redis_.wait_until_ready();
}

NodeLook NodeRegister::look() {
  const std::array<std::string_view, 5> command{"EVAL", kBeat, "1", kKey, ""};
  NodeAnswer answer = answer_of(ask(command));
  if (!answer.look) refuse(answer.why);
  return *std::move(answer.look);
}

bool NodeRegister::enter(const NodeName& node, std::span<const std::string> dead) {
  std::vector<std::string_view> command{"EVAL", kEnter, "1", kKey, node.id, node.name};
  command.insert(command.end(), dead.begin(), dead.end());
  const RedisResult result = ask(command);
  if (!result) refuse(result.error.empty() ? "Redis has not confirmed it" : result.error);
  return result.reply.integer == 1;
}

Awaitable<NodeAnswer> NodeRegister::beat(asio::any_io_executor executor, const NodeName& node, std::uint64_t life,
                                         bool tells) {
  const std::string number = std::to_string(life);
  std::vector<std::string_view> command{"EVAL", kBeat, "1", kKey, node.id, number, tells ? "+" : "-", node.name};
  const RedisResult result = co_await ask_redis(redis_, std::move(executor), std::move(command));
  co_return answer_of(result);
}

Awaitable<bool> NodeRegister::claim(asio::any_io_executor executor, const ListedNode& node,
                                    const std::string& reporter) {
  const std::string claimed =
      std::to_string(node.seen) + ' ' + std::to_string(node.life) + ' ' + reporter + ' ' + node.name;
  std::vector<std::string_view> command{"EVAL", kClaim, "1", kKey, node.id, node.value, claimed};
  const RedisResult result = co_await ask_redis(redis_, std::move(executor), std::move(command));
  co_return result&& result.reply.integer == 1;
}

Awaitable<bool> NodeRegister::put_back(asio::any_io_executor executor, const std::vector<ListedNode>& nodes) {
  std::vector<std::string_view> command{"EVAL", kPutBack, "1", kKey};
  for (const ListedNode& node : nodes) command.insert(command.end(), {node.id, node.value});
  const RedisResult result = co_await ask_redis(redis_, std::move(executor), std::move(command));
  co_return static_cast<bool>(result);
}

Awaitable<bool> NodeRegister::remove(asio::any_io_executor executor, const std::string& id,
                                     const std::string& reporter) {
  std::vector<std::string_view> command{"EVAL", kRemove, "1", kKey, id, reporter};
  const RedisResult result = co_await ask_redis(redis_, std::move(executor), std::move(command));
  co_return static_cast<bool>(result);
}

void NodeRegister::let_go(const std::string& id, const std::string& reporter) {
  redis_.command({"EVAL", kRemove, "1", kKey, id, reporter}, [](const RedisResult&) {});
}

void NodeRegister::leave(const std::string& id) {
  redis_.command({"HDEL", kKey, id}, [](const RedisResult&) {});
}

}  // namespace hearth::app
