#include "shard/history_requests.hpp"

#include "protocol/json.hpp"
#include "shard/since.hpp"

#include <algorithm>

namespace hearth::shard {

namespace error = protocol::request_error;

std::optional<HistoryRequests::Range> HistoryRequests::read_range(const protocol::Envelope& envelope) {
  if (!protocol::is_object(envelope.data)) return std::nullopt;
  Range range;
  range.id_json = envelope.id_json;
  const auto room = protocol::find_member(envelope.data, "room");
  if (!room || !protocol::is_string(*room) || protocol::has_lone_surrogate(*room)) return std::nullopt;
  std::string scratch;
  range.room = protocol::unescape(*room, scratch);
  const auto number = [&](std::string_view key, std::optional<std::uint64_t>& value) {
    const auto found = protocol::find_member(envelope.data, key);
    if (found && *found != "null") value = parse_offset(*found);
    return !found || *found == "null" || value;
  };
  std::optional<std::uint64_t> limit;
  if (!number("after", range.after) || !number("before", range.before) || !number("limit", limit)) return std::nullopt;
  if (range.after && range.before) return std::nullopt;
  if (limit) range.limit = static_cast<std::size_t>(std::min<std::uint64_t>(*limit, kMostPublications));
  return range;
}

void HistoryRequests::history(hub::Client& client, const protocol::Envelope& envelope) {
  if (envelope.id_json.empty()) return;
  const auto range = read_range(envelope);
  if (!range) return answers_.error(client, error::kInvalidRequest, envelope.id_json);
  if (!hub_.is_member(client, range->room)) return answers_.error(client, error::kNotMember, envelope.id_json);
  const RememberedRoom* room = rooms_.find(range->room);
  if (room == nullptr || !room->has_log()) return answers_.error(client, error::kNoHistory, envelope.id_json);
  Turns::begin(client);
  rooms_.read(range->room, 0, 1,
              [this, id = client.id, range = *range](const Result<LogPage>& page) { found_ends(id, range, page); });
}

/// Where the log begins and ends is known.
void HistoryRequests::found_ends(const protocol::ClientId& id, const Range& range, const Result<LogPage>& page) {
  if (!page) return refuse(id, range, error::kHistoryUnavailable);
  const std::uint64_t top = page->log.top.offset;
  const std::uint64_t first = page->publications.empty() ? top + 1 : page->publications.front()->position().offset;
  std::uint64_t after = 0;
  std::size_t count = range.limit;
  if (range.after) {
    after = *range.after;
  } else {
    const std::uint64_t end = range.before ? std::min(*range.before, top + 1) : top + 1;  // what is before it
    after = end > range.limit + 1 ? end - 1 - range.limit : 0;
    count = static_cast<std::size_t>(end > after + 1 ? end - 1 - after : 0);
  }
  rooms_.read(range.room, after, count,
              [this, id, range, first](const Result<LogPage>& found_page) { found(id, range, first, found_page); });
}

void HistoryRequests::found(const protocol::ClientId& id, const Range& range, std::uint64_t first,
                            const Result<LogPage>& page) {
  if (!page) return refuse(id, range, error::kHistoryUnavailable);
  if (hub::Client* client = hub_.find_open(id)) {
    std::string data = R"({"room":)";
    protocol::append_quoted(data, range.room);
    data.append(R"(,"epoch":")").append(page->log.top.epoch.str());
    data.append(R"(","top":)").append(std::to_string(page->log.top.offset));
    data.append(R"(,"first":)").append(std::to_string(first)).append(R"(,"publications":[)");
    const std::string name = id.str();
    for (const PublicationPtr& publication : page->publications) {
      if (publication->excludes(name)) continue;
      if (data.back() != '[') data += ',';
      data.append(R"({"offset":)").append(std::to_string(publication->position().offset)).append(1, ',');
      data.append(publication->plain().substr(1)).append(1, '}');
    }
    answers_.event(*client, protocol::event::kHistory, data + "]}", range.id_json);
  }
  turns_.end(id);
}

void HistoryRequests::refuse(const protocol::ClientId& id, const Range& range, const protocol::RequestError& why) {
  if (hub::Client* client = hub_.find_open(id)) answers_.error(*client, why, range.id_json);
  turns_.end(id);
}

}  // namespace hearth::shard
