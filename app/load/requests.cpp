#include "load/requests.hpp"

#include "protocol/json.hpp"

namespace hearth::load {

namespace {

std::string quoted(std::string_view text) {
  std::string json;
  protocol::append_quoted(json, text);
  return json;
}

}  // namespace

std::string authenticate_request(std::uint32_t client, std::string_view token, std::string_view public_key) {
  const std::string name = quoted("bench-" + std::to_string(client));
  std::string text = R"({"event":"authenticate","data":{"token":)";
  text += token.empty() ? name + R"(,"userId":)" + name : quoted(token);
  if (!public_key.empty()) text.append(R"(,"publicKey":)").append(quoted(public_key));
  return text + "}}";
}

std::string rooms_request(bool is_join, std::span<const std::string_view> rooms, SendBy send_by) {
  std::string text = is_join ? R"({"event":"join","data":{"rooms":[)" : R"({"event":"leave","data":{"rooms":[)";
  const std::size_t begin = text.size();
  for (const std::string_view room : rooms) {
    if (text.size() > begin) text += ',';
    protocol::append_quoted(text, room);
  }
  text += "]}";
  if (send_by == SendBy::publish) text += R"(,"id":"bench")";
  return text + '}';
}

std::string since_request(std::span<const RoomSince> rooms) {
  std::string names;
  std::string since;
  for (const auto& [room, position] : rooms) {
    if (!names.empty()) names += ',', since += ',';
    const std::string name = quoted(room);
    names += name;
    since.append(name).append(":");
    if (position.epoch.empty()) {
      since += "null";
    } else {
      since.append(R"({"epoch":)").append(quoted(position.epoch));
      since.append(R"(,"offset":)").append(std::to_string(position.offset)).append("}");
    }
  }
  return R"({"event":"join","data":{"rooms":[)" + names + R"(],"since":{)" + since + R"(}},"id":"bench"})";
}

void append_message(std::string& out, SendBy send_by, const Stamp& stamp, std::string_view room, bool is_own,
                    std::size_t bytes) {
  if (send_by == SendBy::application) {
    out += is_own ? R"({"event":"echo","data":)" : R"({"event":"room","data":)";
    append_stamp(out, stamp, is_own ? std::string_view() : room, bytes);
    out += '}';
    return;
  }
  out += R"({"event":"publish","data":{"room":)";
  protocol::append_quoted(out, room);
  out += R"(,"event":"msg","data":)";
  append_stamp(out, stamp, {}, bytes);
  out += "}}";
}

}  // namespace hearth::load
