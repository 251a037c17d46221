#include "history/checker/record_json.hpp"

#include "protocol/name_hash.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace hearth::test {

namespace {

namespace json = boost::json;

constexpr std::array<const char*, 30> kKinds{
    "join",    "answer",      "recv",      "gap",    "leave",   "close",   "plain",    "stand",   "send",  "acked",
    "refused", "rolled_back", "node_gone", "retain", "branch",  "entry",   "excluded", "end_top", "fault", "healed",
    "shown",   "shown_more",  "seen",      "unseen", "numbers", "present", "absent",   "dead",    "beat",  "heartbeat"};
constexpr const char* kBound = "bound";

constexpr std::array<const char*, 7> kFaults{"none",        "unreachable", "store_lost", "log_lost",
                                             "log_evicted", "client_slow", "two_stores"};

std::string_view name_of(RecordKind kind) {
  return kind == RecordKind::bound ? kBound : kKinds.at(static_cast<std::size_t>(kind));
}

RecordKind kind_named(std::string_view name) {
  if (name == kBound) return RecordKind::bound;
  const auto found = std::find(kKinds.begin(), kKinds.end(), name);
  if (found == kKinds.end()) throw std::runtime_error("there is no kind \"" + std::string(name) + '"');
  return static_cast<RecordKind>(found - kKinds.begin());
}

FaultKind fault_named(std::string_view name) {
  const auto found = std::find(kFaults.begin(), kFaults.end(), name);
  if (found == kFaults.end()) throw std::runtime_error("there is no fault \"" + std::string(name) + '"');
  return static_cast<FaultKind>(found - kFaults.begin());
}

history::Reason reason_named(std::string_view name) {
  using enum history::Reason;
  for (const auto reason : {epoch, trimmed, rolled_back, unavailable, slow}) {
    if (history::name_of(reason) == name) return reason;
  }
  throw std::runtime_error("there is no reason \"" + std::string(name) + '"');
}

/// Members of a line, with what is there in their place if they are missing.
class Line {
 public:
  explicit Line(std::string_view text)
      : object_(json::parse(json::string_view(text.data(), text.size())).as_object()) {}

  bool has(const char* key) const { return object_.contains(key); }
  std::string_view text(const char* key) const {
    const auto* value = object_.if_contains(key);
    return value == nullptr ? std::string_view() : std::string_view(value->as_string());
  }
  std::uint64_t number(const char* key) const {
    const auto* value = object_.if_contains(key);
    return value == nullptr ? 0 : value->to_number<std::uint64_t>();
  }
  bool flag(const char* key) const { return has(key) && object_.at(key).as_bool(); }
  /// A number as it is; a text as one that no other text has.
  std::uint64_t digest(const char* key) const {
    const auto* value = object_.if_contains(key);
    if (value == nullptr) return 0;
    if (!value->is_string()) return value->to_number<std::uint64_t>();
    return protocol::sip_hash({}, std::string_view(value->as_string()));
  }
  Epoch epoch(const char* key) const {
    if (!has(key)) return {};
    const auto epoch = Epoch::parse(text(key));
    if (!epoch) throw std::runtime_error(std::string(key) + " is no epoch: 8 characters of base64url are wanted");
    return *epoch;
  }

 private:
  json::object object_;
};

}  // namespace

void RecordReader::read(std::istream& lines, std::string_view source) {
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    if (line.empty()) continue;
    try {
      read_line(line);
    } catch (const std::exception& error) {
      throw std::runtime_error(std::string(source) + ':' + std::to_string(number) + ": " + error.what());
    }
  }
}

void RecordReader::read_line(std::string_view text) {
  const Line line(text);
  Record record;
  record.kind = kind_named(line.text("kind"));
  record.at = static_cast<std::int64_t>(line.number("at"));
  if (line.has("who")) record.who = number(who_, line.text("who"));
  if (line.has("room")) record.room = number(rooms_, line.text("room"));
  record.position = {line.epoch("epoch"), line.number("offset")};
  record.has_position = line.has("epoch");
  record.gave_position = line.flag("gave");
  record.top = line.number("top");
  record.hash = line.digest("hash");
  record.key = line.digest("key");
  record.count = line.has("node") ? number(who_, line.text("node")) : line.number("count");
  record.parent = line.epoch("parent");
  if (line.has("lost")) record.lost = reason_named(line.text("lost"));
  if (line.has("fault")) record.fault = fault_named(line.text("fault"));
  if (line.has("text")) record.text = records_.text(std::string(line.text("text")));
  records_.list.push_back(record);
}

Records RecordReader::take() {
  std::stable_sort(records_.list.begin(), records_.list.end(),
                   [](const Record& one, const Record& other) { return one.at < other.at; });
  return std::exchange(records_, {});
}

std::uint32_t RecordReader::number(std::map<std::string, std::uint32_t, std::less<>>& numbers, std::string_view name) {
  return numbers.try_emplace(std::string(name), static_cast<std::uint32_t>(numbers.size())).first->second;
}

void write_records(std::ostream& out, const Records& records) {
  for (const Record& record : records.list) {
    json::object line{{"at", record.at}, {"kind", name_of(record.kind)}};
    line["who"] = std::to_string(record.who);
    line["room"] = std::to_string(record.room);
    if (record.has_position && record.position.epoch) line["epoch"] = record.position.epoch.str();
    line["offset"] = record.position.offset;
    if (record.gave_position) line["gave"] = true;
    if (record.lost) line["lost"] = history::name_of(*record.lost);
    if (record.top != 0) line["top"] = record.top;
    if (record.hash != 0) line["hash"] = record.hash;
    if (record.key != 0) line["key"] = record.key;
    if (record.kind == RecordKind::acked || record.kind == RecordKind::seen || record.kind == RecordKind::present) {
      line["node"] = std::to_string(record.count);
    } else if (record.count != 0) {
      line["count"] = record.count;
    }
    if (record.parent) line["parent"] = record.parent.str();
    if (record.fault != FaultKind::none) line["fault"] = kFaults.at(static_cast<std::size_t>(record.fault));
    if (record.text != 0) line["text"] = records.texts.at(record.text);
    out << json::serialize(line) << '\n';
  }
}

}  // namespace hearth::test
