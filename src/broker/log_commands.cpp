#include "broker/log_commands.hpp"

#include "broker/envelope.hpp"
#include "broker/new_epoch.hpp"
#include "history/feed.hpp"
#include "history/lineage.hpp"
#include "protocol/broker_envelope.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace hearth::broker {

namespace {

using redis::RespReply;

constexpr std::chrono::milliseconds kOnceLife = std::chrono::minutes(5);  // of an idempotency key

std::string text_of(std::chrono::milliseconds time) { return std::to_string(time.count()); }

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

/// ` TiUN0YmP:1 2WmGDlzM:6`.
std::optional<std::vector<Branch>> read_lineage(std::string_view text) {
  std::vector<Branch> lineage;
  while (true) {
    const std::string_view word = take_word(text);
    if (word.empty()) return lineage;
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto epoch = Epoch::parse(word.substr(0, colon));
    const auto first = number_in<std::uint64_t>(word.substr(colon + 1));
    if (!epoch || !first || lineage.size() == History::kMostBranches) return std::nullopt;
    lineage.push_back({*epoch, *first});
  }
}

std::optional<LogTop> log_top(std::string_view top, std::string_view lineage) {
  const auto offset = number_in<std::uint64_t>(top);
  auto branches = read_lineage(lineage);
  if (!offset || !branches) return std::nullopt;
  LogTop log{{{}, *offset}, *std::move(branches)};
  if (!history::is_sound(log)) return std::nullopt;
  log.top.epoch = history::epoch_at(log, *offset);
  return log;
}

/// An entry of a log; null if it is none.
PublicationPtr entry_of(std::string_view room, const Position& position, std::string_view envelope,
                        std::string_view time, protocol::BrokerEnvelopeReader& reader) {
  const auto time_ms = number_in<std::int64_t>(time);
  const std::string text = std::string(envelope) + '}';
  if (!time_ms || reader.read(text) != protocol::BrokerEnvelopeReader::Result::envelope) return nullptr;
  protocol::BrokerEnvelope entry = reader.envelope();
  entry.target = Target::room(room);
  entry.position = position;
  entry.time_ms = *time_ms;
  return publication_of(entry);
}

std::string_view info_field(const RespReply& info, std::string_view name) {
  const std::string_view text = info.text();
  const std::size_t begin = info.is_error() ? std::string_view::npos : text.find(name);
  if (begin == std::string_view::npos) return {};
  const std::string_view value = text.substr(begin + name.size());
  return value.substr(0, value.find_first_of("\r\n"));
}

}  // namespace

std::string log_key(std::string_view room, std::string_view what) {
  std::string key = "hearth:{";
  for (const char character : room) {
    switch (character) {
      case '%':
        key += "%25";
        break;
      case '{':
        key += "%7B";
        break;
      case '}':
        key += "%7D";
        break;
      default:
        key += character;
    }
  }
  return key.append("}:").append(what);
}

bool goes_with(const LogAppend& first, const LogAppend& next) noexcept {
  return first.room == next.room && first.retention.size == next.retention.size &&
         first.retention.ttl == next.retention.ttl && first.idempotency_key.empty() && next.idempotency_key.empty();
}

redis::RespCommand append_command(const LogConnection& connection, std::span<const NumberedAppend> appends,
                                  std::int64_t now_ms) {
  const LogAppend& first = *appends.front().append;
  const bool has_once = !first.idempotency_key.empty();
  const std::string meta = log_key(first.room, "meta");
  const std::string log = log_key(first.room, "log");
  const std::string once = has_once ? log_key(first.room, "once:" + first.idempotency_key) : std::string();
  const std::string field = 'p' + std::string(appends.front().number.publisher);
  const std::string channel = protocol::channel_of(Target::room(first.room));
  const std::string epoch = new_epoch().str();
  const std::array shared{std::to_string(first.retention.size), text_of(first.retention.ttl),
                          text_of(connection.meta_ttl), text_of(kOnceLife), std::to_string(now_ms)};
  std::vector<std::array<std::string, 3>> numbers;  // time, sequence, previous
  for (const auto& [append, number] : appends) {
    numbers.push_back(
        {std::to_string(append->time_ms), std::to_string(number.sequence), std::to_string(number.previous)});
  }
  std::vector<std::string_view> words{"EVALSHA", connection.append, has_once ? "3" : "2", meta, log};
  if (has_once) words.emplace_back(once);
  words.insert(words.end(), {connection.run_id, epoch, shared[0], shared[1], shared[2], channel, first.envelope,
                             numbers[0][0], field, numbers[0][1], numbers[0][2], shared[3], shared[4]});
  for (std::size_t i = 1; i < appends.size(); ++i) {
    words.insert(words.end(), {appends[i].append->envelope, numbers[i][0], numbers[i][1], numbers[i][2]});
  }
  return redis::RespCommand(words);
}

redis::RespCommand read_command(const LogConnection& connection, const LogRead& read, std::int64_t now_ms) {
  return redis::RespCommand::of({"EVALSHA", connection.read, "2", log_key(read.room, "meta"), log_key(read.room, "log"),
                                 connection.run_id, new_epoch().str(), std::to_string(read.after),
                                 std::to_string(read.count), text_of(connection.meta_ttl), std::to_string(now_ms),
                                 std::to_string(History::kMostPageSize)});
}

redis::RespCommand top_command(std::string_view room) {
  return redis::RespCommand::of({"HMGET", log_key(room, "meta"), "e", "s", "l"});
}

redis::RespCommand erase_command(std::string_view room) {
  return redis::RespCommand::of({"DEL", log_key(room, "meta"), log_key(room, "log")});
}

std::optional<AppendReply> read_append_reply(const RespReply& reply, std::size_t place) {
  constexpr std::size_t kElements = 5;
  const auto elements = static_cast<std::size_t>(reply.integer());
  if (!reply.is_array() || elements % kElements != 0 || elements / kElements <= place) return std::nullopt;
  const std::size_t at = 1 + place * kElements;
  const std::string_view what = reply.text(at);
  if (what == "order") return AppendReply{.is_out_of_order = true};
  AppendReply read{.is_branch = !reply.text(at + 3).empty(), .other_retention = reply.text(at + 4)};
  read.appended.duplicate = what == "seen";
  if (what != "new" && what != "seen") return std::nullopt;
  const auto epoch = Epoch::parse(reply.text(at + 1));
  const auto offset = number_in<std::uint64_t>(reply.text(at + 2));
  if (epoch && offset && *offset <= Position::kMostOffset) {
    read.appended.position = {*epoch, *offset};
  } else if (!read.appended.duplicate) {
    return std::nullopt;
  }
  return read;
}

std::optional<ReadReply> read_page_reply(const RespReply& reply, std::string_view room) {
  constexpr std::int64_t kElements = 5;
  constexpr std::size_t kList = 5;  // the node of the list of entries
  if (!reply.is_array() || reply.integer() != kElements || !reply.is(kList, RespReply::Type::array)) {
    return std::nullopt;
  }
  auto log = log_top(reply.text(2), reply.text(3));
  if (!log) return std::nullopt;
  ReadReply read{.page = {*std::move(log), {}}, .is_branch = !reply.text(4).empty()};
  protocol::BrokerEnvelopeReader reader;
  const std::size_t end = kList + 1 + static_cast<std::size_t>(reply.integer(kList));
  for (std::size_t at = kList + 1; at + 2 < end; at += 3) {
    const auto offset = number_in<std::uint64_t>(reply.text(at));
    if (!offset || *offset == 0 || *offset > read.page.log.top.offset) return std::nullopt;
    auto publication =
        entry_of(room, history::position_at(read.page.log, *offset), reply.text(at + 1), reply.text(at + 2), reader);
    // What is no publication, or not there, is a hole: whoever gets there is told that it is.
    auto& found = read.page.publications;
    const bool follows = found.empty() || found.back()->position().offset + 1 == *offset;
    read.is_damaged = read.is_damaged || !publication || !follows;
    if (publication && follows) found.push_back(std::move(publication));
    if (read.is_damaged && !found.empty()) break;
  }
  return read;
}

std::optional<LogTop> read_top_reply(const RespReply& reply) {
  constexpr std::int64_t kElements = 3;
  if (!reply.is_array() || reply.integer() != kElements) return std::nullopt;
  if (reply.is(1, RespReply::Type::nil)) return LogTop{};
  return log_top(reply.text(2), reply.text(3));
}

std::string read_run_id(const RespReply& info) { return std::string(info_field(info, "run_id:")); }

// -1 if it never was one, or is again without replicas for so long that it does not matter.
std::string read_promotion(const RespReply& info) {
  const std::string_view offset = info_field(info, "second_repl_offset:");
  const bool is_number = std::all_of(offset.begin(), offset.end(), [](char c) { return '0' <= c && c <= '9'; });
  return is_number ? std::string(offset) : std::string();
}

}  // namespace hearth::broker
