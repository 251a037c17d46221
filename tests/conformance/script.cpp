#include "conformance/script.hpp"

#include <algorithm>

namespace hearth::conformance {

using Kind = websocket::Event::Kind;

bool Incoming::matches(const Incoming& seen) const {
  return kind == seen.kind && opcode == seen.opcode && code == seen.code && (any_reason || payload == seen.payload);
}

void PrintTo(const Incoming& incoming, std::ostream* out) {
  constexpr std::size_t kShown = 60;
  const std::string start = incoming.payload.substr(0, kShown);
  switch (incoming.kind) {
    case Kind::message:
      *out << (incoming.opcode == Opcode::text ? "text" : "binary") << " message of " << incoming.payload.size()
           << " bytes: " << start;
      break;
    case Kind::close:
      *out << "close " << incoming.code << " " << (incoming.any_reason ? "for some reason" : start);
      break;
    case Kind::ping:
      *out << "ping " << start;
      break;
    case Kind::pong:
      *out << "pong " << start;
      break;
    case Kind::need_more:
    case Kind::failed:
      *out << "frame that breaks a rule";
      break;
  }
}

Incoming message(Opcode opcode, std::string_view payload) {
  return {.kind = Kind::message, .opcode = opcode, .code = 0, .payload = std::string(payload)};
}

Incoming pong(std::string_view payload) {
  return {.kind = Kind::pong, .opcode = Opcode::text, .code = 0, .payload = std::string(payload)};
}

Incoming closed(std::uint16_t code, std::string_view reason) {
  return {.kind = Kind::close, .opcode = Opcode::text, .code = code, .payload = std::string(reason)};
}

Incoming closed_for(std::uint16_t code) {
  return {.kind = Kind::close, .opcode = Opcode::text, .code = code, .payload = {}, .any_reason = true};
}

std::string frame(Opcode opcode, std::string_view payload, FrameForm form) {
  static std::uint32_t frames = 0;
  const std::uint32_t mixed = ++frames * 2654435761U;
  const websocket::MaskKey key = {static_cast<char>(mixed), static_cast<char>(mixed >> 8U),
                                  static_cast<char>(mixed >> 16U), static_cast<char>(mixed >> 24U)};
  std::string bytes;
  websocket::append_masked_frame(bytes, opcode, payload, key, false, form.final);
  bytes.front() = static_cast<char>(static_cast<unsigned char>(bytes.front()) | (form.rsv << 4U));
  return bytes;
}

std::string from_hex(std::string_view digits) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2) {
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(at, 2)), nullptr, 16));
  }
  return bytes;
}

std::string fragmented(Opcode opcode, std::string_view payload, std::size_t size, unsigned rsv) {
  std::string bytes;
  bool is_first = true;
  do {
    const std::string_view part = payload.substr(0, size);
    payload.remove_prefix(part.size());
    bytes +=
        frame(is_first ? opcode : Opcode::continuation, part, {.final = payload.empty(), .rsv = is_first ? rsv : 0});
    is_first = false;
  } while (!payload.empty());
  return bytes;
}

Script& Script::sends(std::string_view bytes) {
  steps_.back().bytes += bytes;
  return *this;
}

Script& Script::sees(Incoming incoming) {
  steps_.back().expected.push_back(std::move(incoming));
  return *this;
}

Script& Script::echoes(Opcode opcode, std::string_view payload) {
  return sends(frame(opcode, payload)).sees(message(opcode, payload));
}

Script& Script::chopped(std::size_t size) {
  steps_.back().longest_chunk = size;
  return *this;
}

Script& Script::then() {
  steps_.emplace_back();
  return *this;
}

Script& Script::closes(std::uint16_t code, std::string_view reason) {
  return sends(frame(Opcode::close, websocket::close_payload(code, reason))).sees(closed(code, reason));
}

Script& Script::fails(std::uint16_t code) { return sees(closed_for(code)); }

Script& Script::offers(std::string_view extensions, const websocket::DeflateAgreement& agreement) {
  extensions_ = extensions;
  agreement_ = agreement;
  return *this;
}

Script& Script::receives_at_most(std::size_t bytes) {
  most_received_ = bytes;
  return *this;
}

std::size_t Script::size() const {
  std::size_t size = 0;
  for (const Step& step : steps_) size += step.bytes.size();
  return size;
}

}  // namespace hearth::conformance
