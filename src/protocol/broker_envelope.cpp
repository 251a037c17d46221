#include "protocol/broker_envelope.hpp"

#include "protocol/json.hpp"
#include "protocol/utf8.hpp"

#include <optional>

namespace hearth::protocol {
namespace {

std::string_view name_of(BrokerTarget type) noexcept {
  switch (type) {
    case BrokerTarget::broadcast:
      return "broadcast";
    case BrokerTarget::client:
      return "client";
    case BrokerTarget::user:
      return "user";
    case BrokerTarget::room:
      break;
  }
  return "room";
}

std::optional<BrokerTarget> target_named(std::string_view token) noexcept {
  if (!is_string(token)) return std::nullopt;
  for (const auto type : {BrokerTarget::room, BrokerTarget::client, BrokerTarget::user, BrokerTarget::broadcast}) {
    if (equals(token, name_of(type))) return type;
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

  explicit Members(std::string_view text) {
    for (ObjectCursor at(text); at.next();) {
      if (std::string_view* member = named(at.key())) *member = at.value();
    }
  }

 private:
  std::string_view* named(std::string_view key) noexcept {
    if (equals(key, "serverId")) return &server_id;
    if (equals(key, "type")) return &type;
    if (equals(key, "target")) return &target;
    if (equals(key, "event")) return &event;
    if (equals(key, "data")) return &data;
    if (equals(key, "exclude")) return &exclude;
    if (equals(key, "from")) return &from;
    return nullptr;
  }
};

}  // namespace

BrokerEnvelopeReader::Result BrokerEnvelopeReader::read(std::string_view text) {
  envelope_ = {};
  exclude_.clear();
  if (!is_valid_utf8(text) || !is_valid_json(text)) return Result::malformed;
  const Members members(text);
  if (!is_string(members.server_id) || !is_string(members.event)) return Result::malformed;
  const auto type = target_named(members.type);
  if (!type) return Result::ignored;
  if (*type != BrokerTarget::broadcast && (!is_string(members.target) || members.target == R"("")")) {
    return Result::ignored;
  }
  envelope_.server_id = unescape(members.server_id, server_id_scratch_);
  envelope_.type = *type;
  if (*type != BrokerTarget::broadcast) envelope_.target = unescape(members.target, target_scratch_);
  envelope_.event = unescape(members.event, event_scratch_);
  envelope_.data = members.data;
  if (is_object(members.from)) envelope_.from = members.from;
  read_exclude(members.exclude);
  return Result::envelope;
}

void BrokerEnvelopeReader::read_exclude(std::string_view list) {
  if (!is_array(list)) return;
  std::string scratch;
  for (ArrayCursor at(list); at.next();) {
    if (is_string(at.value())) exclude_.emplace_back(unescape(at.value(), scratch));
  }
  envelope_.exclude = exclude_;
}

void append_broker_envelope(std::string& out, const BrokerEnvelope& envelope) {
  out += R"({"serverId":)";
  append_quoted(out, envelope.server_id);
  out.append(R"(,"type":")").append(name_of(envelope.type)).append(R"(")");
  if (envelope.type != BrokerTarget::broadcast) {
    out += R"(,"target":)";
    append_quoted(out, envelope.target);
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
  out += '}';
}

void append_broker_channel(std::string& out, BrokerTarget type, std::string_view target) {
  out.append("ws:").append(name_of(type));
  if (type != BrokerTarget::broadcast) out.append(":").append(target);
}

}  // namespace hearth::protocol
