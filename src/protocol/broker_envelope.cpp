#include "protocol/broker_envelope.hpp"

#include "protocol/json.hpp"
#include "protocol/utf8.hpp"

#include <charconv>
#include <optional>
#include <system_error>

namespace hearth::protocol {
namespace {

constexpr std::string_view kEmptyString = R"("")";
constexpr std::string_view kControlType = "control";

std::string_view name_of(Target::Kind kind) noexcept {
  switch (kind) {
    case Target::Kind::everybody:
      return "broadcast";
    case Target::Kind::client:
      return "client";
    case Target::Kind::user:
      return "user";
    case Target::Kind::room:
      break;
  }
  return "room";
}

std::optional<Target::Kind> kind_named(std::string_view token) noexcept {
  using enum Target::Kind;
  if (!is_string(token)) return std::nullopt;
  for (const auto kind : {room, client, user, everybody}) {
    if (equals(token, name_of(kind))) return kind;
  }
  return std::nullopt;
}

/// The values of the members that make up the message, as they stand in the text; empty where there is none.
struct Members {
  std::string_view server_id;
  std::string_view type;
  std::string_view target;
  std::string_view event;
  std::string_view data;
  std::string_view from;
  std::string_view exclude;
  std::string_view epoch;
  std::string_view offset;
  std::string_view time;
  std::string_view key;

  explicit Members(std::string_view text) {
    for (ObjectCursor at(text); at.next();) {
      if (std::string_view* member = named(at.key())) *member = at.value();
    }
  }

 private:
  std::string_view* named(std::string_view name) noexcept {
    if (equals(name, "serverId")) return &server_id;
    if (equals(name, "type")) return &type;
    if (equals(name, "target")) return &target;
    if (equals(name, "event")) return &event;
    if (equals(name, "data")) return &data;
    if (equals(name, "exclude")) return &exclude;
    if (equals(name, "from")) return &from;
    if (equals(name, "epoch")) return &epoch;
    if (equals(name, "offset")) return &offset;
    if (equals(name, "time")) return &time;
    if (equals(name, "key")) return &key;
    return nullptr;
  }
};

/// A JSON number that is a whole one from 0 to `most`; else nothing.
std::optional<std::uint64_t> whole_number(std::string_view token, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto end = std::from_chars(token.data(), token.data() + token.size(), value);
  if (token.empty() || end.ec != std::errc() || end.ptr != token.data() + token.size() || value > most) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

BrokerEnvelopeReader::Result BrokerEnvelopeReader::read(std::string_view text) {
  envelope_ = {};
  exclude_.clear();
  if (!is_valid_utf8(text) || !is_valid_json(text)) return Result::malformed;
  const Members members(text);
  if (!is_string(members.server_id) || !is_string(members.event) || members.event == kEmptyString) {
    return Result::malformed;
  }
  const auto kind = kind_named(members.type);
  if (!kind) return Result::ignored;
  const bool has_name = *kind != Target::Kind::everybody;
  if (has_name && (!is_string(members.target) || members.target == kEmptyString)) return Result::ignored;
  envelope_.server_id = unescape(members.server_id, server_id_scratch_);
  envelope_.target = {*kind, has_name ? unescape(members.target, target_scratch_) : std::string_view()};
  envelope_.event = unescape(members.event, event_scratch_);
  envelope_.data = members.data;
  if (is_object(members.from)) envelope_.from = members.from;
  read_exclude(members.exclude);
  if (*kind == Target::Kind::room) read_place(members.epoch, members.offset, members.time, members.key);
  return Result::envelope;
}

void BrokerEnvelopeReader::read_place(std::string_view epoch, std::string_view offset, std::string_view time,
                                      std::string_view key) {
  if (is_string(key)) envelope_.key = unescape(key, key_scratch_);
  envelope_.time_ms = static_cast<std::int64_t>(whole_number(time, Position::kMostOffset).value_or(0));
  const auto at = whole_number(offset, Position::kMostOffset);
  if (!at || !is_string(epoch)) return;
  if (const auto branch = Epoch::parse(epoch.substr(1, epoch.size() - 2))) envelope_.position = {*branch, *at};
}

void BrokerEnvelopeReader::read_exclude(std::string_view list) {
  if (!is_array(list)) return;
  std::string scratch;
  for (ArrayCursor at(list); at.next();) {
    if (is_string(at.value())) exclude_.emplace_back(unescape(at.value(), scratch));
  }
  envelope_.exclude = exclude_;
}

bool ControlEnvelopeReader::read(std::string_view text) {
  envelope_ = {};
  if (!is_valid_utf8(text) || !is_valid_json(text)) return false;
  const auto server_id = find_member(text, "serverId");
  const auto type = find_member(text, "type");
  const auto op = find_member(text, "op");
  if (!server_id || !is_string(*server_id) || !type || !is_string(*type) || !equals(*type, kControlType)) return false;
  if (!op || !is_string(*op) || *op == kEmptyString) return false;
  envelope_ = {unescape(*server_id, server_id_scratch_), unescape(*op, op_scratch_), text};
  return true;
}

std::string control_envelope(std::string_view server_id, std::string_view message) {
  const std::size_t begin = message.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || message[begin] != '{') return {};
  const auto op = find_member(message, "op");
  if (!op || !is_string(*op) || *op == kEmptyString) return {};
  if (find_member(message, "serverId") || find_member(message, "type")) return {};
  std::string text(R"({"serverId":)");
  append_quoted(text, server_id);
  text.append(R"(,"type":")").append(kControlType).append(R"(",)").append(message.substr(begin + 1));
  return text;
}

void append_broker_envelope(std::string& out, const BrokerEnvelope& envelope) {
  out += R"({"serverId":)";
  append_quoted(out, envelope.server_id);
  out.append(R"(,"type":")").append(name_of(envelope.target.kind)).append(R"(")");
  if (envelope.target.kind != Target::Kind::everybody) {
    out += R"(,"target":)";
    append_quoted(out, envelope.target.name);
  }
  out += R"(,"event":)";
  append_quoted(out, envelope.event);
  if (!envelope.data.empty()) out.append(R"(,"data":)").append(envelope.data);
  if (!envelope.exclude.empty()) {
    out += R"(,"exclude":[)";
    for (std::size_t i = 0; i < envelope.exclude.size(); ++i) {
      if (i != 0) out += ',';
      append_quoted(out, envelope.exclude[i]);
    }
    out += ']';
  }
  if (!envelope.from.empty()) out.append(R"(,"from":)").append(envelope.from);
  if (!envelope.key.empty()) {
    out += R"(,"key":)";
    append_quoted(out, envelope.key);
  }
  out += '}';
}

std::string channel_of(const Target& target) {
  std::string channel("ws:");
  channel += name_of(target.kind);
  if (target.kind != Target::Kind::everybody) channel.append(":").append(target.name);
  return channel;
}

}  // namespace hearth::protocol
