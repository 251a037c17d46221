#include "broker/presence_commands.hpp"

#include "broker/log_commands.hpp"
#include "protocol/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <utility>

namespace hearth::broker {

namespace {

using redis::RespReply;

constexpr std::chrono::milliseconds kLife = std::chrono::minutes(15);  // of what is not written again
// For longer than a kernel goes on sending what a closed connection has left (tcp_orphan_retries, some 100 s).
constexpr std::chrono::milliseconds kLateness = std::chrono::minutes(2);

// KEYS nodes; ARGV instance, life in ms or ''. By the clock of Redis alone.
constexpr std::string_view kLookScript = R"lua(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', now))
local was = redis.call('ZSCORE', KEYS[1], ARGV[1])
if ARGV[2] ~= '' then redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1]) end
local living = redis.call('ZRANGE', KEYS[1], 0, -1)
table.insert(living, 1, was and '1' or '')
return living
)lua";

// KEYS presence, members of the instance, version at which all of its members had left; ARGV instance, value or '',
// life, channel, message, 'whole' or '', version, how long that is kept once all have left, how many have left, their
// ids, then id and value of those who have come. What takes memory comes first; after what frees some it is not
// refused.
//
// A report that was under way when its connection broke may come after newer ones, over another connection.
constexpr std::string_view kWriteScript = R"lua(
local kept = redis.call('HGET', KEYS[1], ARGV[1]) or redis.call('GET', KEYS[3])
if kept and tonumber(string.match(kept, '%d+$') or '0') > tonumber(ARGV[7]) then return 0 end
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('DEL', KEYS[2])
  redis.call('SET', KEYS[3], ARGV[7], 'PX', ARGV[8])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  if ARGV[6] ~= '' then redis.call('DEL', KEYS[2]) end
  local left = tonumber(ARGV[9])
  for i = 10 + left, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
  for i = 10, 9 + left do redis.call('HDEL', KEYS[2], ARGV[i]) end
  redis.call('PEXPIRE', KEYS[2], ARGV[3])
end
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1
)lua";

// KEYS presence, nodes; ARGV what the keys of members begin with. For each instance that lives: its name, its value,
// how many texts follow, and those: ids and values of its members.
constexpr std::string_view kReadPresenceScript = R"lua(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local kept, found = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #kept, 2 do
  local until_when = redis.call('ZSCORE', KEYS[2], kept[i])
  if until_when and tonumber(until_when) >= now then
    local members = redis.call('HGETALL', ARGV[1] .. kept[i])
    table.insert(found, kept[i])
    table.insert(found, kept[i + 1])
    table.insert(found, tostring(#members))
    for j = 1, #members do table.insert(found, members[j]) end
  end
end
return found
)lua";

// KEYS presence, members of the instance, nodes; ARGV instance.
constexpr std::string_view kForgetScript = R"lua(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local until_when = redis.call('ZSCORE', KEYS[3], ARGV[1])
if until_when and tonumber(until_when) >= now then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])
return 1
)lua";

// KEYS presence, members of each that lives; ARGV those, in the same order. Answers as the one before but one.
constexpr std::string_view kReadOfScript = R"lua(
local found = {}
for i, instance in ipairs(ARGV) do
  local kept = redis.call('HGET', KEYS[1], instance)
  if kept then
    local members = redis.call('HGETALL', KEYS[i + 1])
    table.insert(found, instance)
    table.insert(found, kept)
    table.insert(found, tostring(#members))
    for j = 1, #members do table.insert(found, members[j]) end
  end
end
return found
)lua";

// KEYS presence, members of the instance; ARGV instance, what was kept of it.
constexpr std::string_view kForgetEntryScript = R"lua(
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])
return 1
)lua";

std::string members_key(std::string_view room, std::string_view instance) {
  return log_key(room, "members").append(":").append(instance);
}

std::string member_value(const KeptMember& member) {
  std::string json = "{";
  if (!member.user.empty()) {
    json += R"("userId":)";
    protocol::append_quoted(json, member.user);
  }
  if (!member.info.empty()) json.append(json.size() > 1 ? "," : "").append(R"("info":)").append(member.info);
  return json + '}';
}

std::optional<std::string> text_in(std::string_view object, std::string_view key) {
  const auto value = protocol::find_member(object, key);
  if (!value || !protocol::is_string(*value)) return std::nullopt;
  std::string scratch;
  return std::string(protocol::unescape(*value, scratch));
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

KeptMember member_of(std::string id, std::string_view object) {
  KeptMember member{.id = std::move(id)};
  member.user = text_in(object, "userId").value_or("");
  if (const auto info = protocol::find_member(object, "info")) member.info = *info;
  return member;
}

/// `clients:users:version`.
bool read_value(std::string_view text, PresenceEntry& entry) {
  std::array<std::uint64_t, 3> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::size_t end = i + 1 < numbers.size() ? text.find(':') : text.size();
    if (end == std::string_view::npos) return false;
    const auto number = number_in(text.substr(0, end));
    if (!number) return false;
    numbers[i] = *number;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  entry.clients = numbers[0];
  entry.users = numbers[1];
  entry.version = numbers[2];
  return true;
}

}  // namespace

std::string presence_key(std::string_view room) { return log_key(room, "presence"); }

std::string presence_envelope(std::string_view instance, const PresenceReport& report) {
  std::string text = R"({"node":)";
  protocol::append_quoted(text, instance);
  text.append(R"(,"version":)").append(std::to_string(report.version));
  text.append(R"(,"clients":)").append(std::to_string(report.clients));
  text.append(R"(,"users":)").append(std::to_string(report.users));
  if (report.is_whole) text += R"(,"whole":true)";
  if (!report.is_listed) return text + '}';
  text += R"(,"joined":[)";
  for (const KeptMember& member : report.joined) {
    text += text.back() == '[' ? R"({"id":)" : R"(,{"id":)";
    protocol::append_quoted(text, member.id);
    const std::string value = member_value(member);
    if (value.size() > 2) text.append(",").append(value, 1, value.size() - 2);
    text += '}';
  }
  text += R"(],"left":[)";
  for (const std::string& id : report.left) {
    if (text.back() != '[') text += ',';
    protocol::append_quoted(text, id);
  }
  return text + "]}";
}

std::optional<SaidPresence> read_presence_envelope(std::string_view room, std::string_view text) {
  if (!protocol::is_valid_json(text) || !protocol::is_object(text)) return std::nullopt;
  const auto number = [text](std::string_view key) {
    const auto value = protocol::find_member(text, key);
    return value ? number_in(*value) : std::nullopt;
  };
  auto instance = text_in(text, "node");
  const auto version = number("version");
  const auto clients = number("clients");
  const auto users = number("users");
  if (!instance || !version || !clients || !users) return std::nullopt;
  SaidPresence said{*std::move(instance), {std::string(room), *version, *clients, *users}};
  said.report.is_whole = protocol::find_member(text, "whole") == "true";
  const auto joined = protocol::find_member(text, "joined");
  const auto left = protocol::find_member(text, "left");
  said.report.is_listed = joined.has_value();
  if (joined) {
    for (protocol::ArrayCursor at(*joined); at.next();) {
      auto id = text_in(at.value(), "id");
      if (!id) return std::nullopt;
      said.report.joined.push_back(member_of(*std::move(id), at.value()));
    }
  }
  if (left) {
    std::string scratch;
    for (protocol::ArrayCursor at(*left); at.next();) {
      if (!protocol::is_string(at.value())) return std::nullopt;
      said.report.left.emplace_back(protocol::unescape(at.value(), scratch));
    }
  }
  return said;
}

redis::RespCommand look_command(std::string_view instance, std::optional<std::chrono::milliseconds> life) {
  return redis::RespCommand::of(
      {"EVAL", kLookScript, "1", kNodesKey, instance, life ? std::to_string(life->count()) : std::string()});
}

redis::RespCommand write_command(std::string_view instance, const PresenceReport& report) {
  const std::string value = report.clients == 0 ? std::string()
                                                : std::to_string(report.clients) + ':' + std::to_string(report.users) +
                                                      ':' + std::to_string(report.version);
  std::vector<std::string> texts{"EVAL",
                                 std::string(kWriteScript),
                                 "3",
                                 presence_key(report.room),
                                 members_key(report.room, instance),
                                 log_key(report.room, "left").append(":").append(instance),
                                 std::string(instance),
                                 value,
                                 std::to_string(kLife.count()),
                                 std::string(kPresenceChannel) + report.room,
                                 presence_envelope(instance, report),
                                 report.is_whole || !report.is_listed ? "whole" : "",
                                 std::to_string(report.version),
                                 std::to_string(kLateness.count()),
                                 std::to_string(report.left.size())};
  for (const std::string& id : report.left) texts.push_back(id);
  for (const KeptMember& member : report.joined) {
    texts.push_back(member.id);
    texts.push_back(member_value(member));
  }
  const std::vector<std::string_view> arguments(texts.begin(), texts.end());
  return redis::RespCommand(arguments);
}

redis::RespCommand presence_read_command(std::string_view room) {
  return redis::RespCommand::of(
      {"EVAL", kReadPresenceScript, "2", presence_key(room), kNodesKey, members_key(room, "")});
}

redis::RespCommand forget_command(std::string_view room, std::string_view instance) {
  return redis::RespCommand::of(
      {"EVAL", kForgetScript, "3", presence_key(room), members_key(room, instance), kNodesKey, instance});
}

redis::RespCommand presence_read_command(std::string_view room, std::span<const std::string> living) {
  std::vector<std::string> texts{"EVAL", std::string(kReadOfScript), std::to_string(living.size() + 1),
                                 presence_key(room)};
  for (const std::string& instance : living) texts.push_back(members_key(room, instance));
  texts.insert(texts.end(), living.begin(), living.end());
  const std::vector<std::string_view> arguments(texts.begin(), texts.end());
  return redis::RespCommand(arguments);
}

redis::RespCommand forget_command(std::string_view room, std::string_view instance, std::string_view entry) {
  return redis::RespCommand::of(
      {"EVAL", kForgetEntryScript, "2", presence_key(room), members_key(room, instance), instance, entry});
}

std::optional<LivingInstances> read_living(const RespReply& reply) {
  if (!reply.is_array() || reply.size() < 2) return std::nullopt;
  LivingInstances living{.was_missing = reply.text(1).empty()};
  for (std::size_t i = 2; i < reply.size(); ++i) living.instances.emplace_back(reply.text(i));
  return living;
}

std::optional<std::vector<PresenceEntry>> read_entries(const RespReply& reply) {
  if (!reply.is_array()) return std::nullopt;
  std::vector<PresenceEntry> entries;
  for (std::size_t at = 1; at < reply.size();) {
    PresenceEntry entry{.instance = std::string(reply.text(at))};
    const auto texts = number_in(reply.text(at + 2));
    if (!read_value(reply.text(at + 1), entry) || !texts || *texts % 2 != 0) return std::nullopt;
    at += 3;
    if (*texts > reply.size() - at) return std::nullopt;
    for (const std::size_t end = at + *texts; at < end; at += 2) {
      const std::string_view value = reply.text(at + 1);
      const bool is_member = protocol::is_valid_json(value) && protocol::is_object(value);
      if (is_member) entry.members.push_back(member_of(std::string(reply.text(at)), value));
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace hearth::broker
