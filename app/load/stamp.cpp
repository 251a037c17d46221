#include "load/stamp.hpp"

#include "protocol/json.hpp"

#include <charconv>
#include <system_error>

namespace hearth::load {

namespace {

constexpr std::string_view kStream = R"("by":)";
constexpr std::string_view kNumber = R"(,"n":)";
constexpr std::string_view kAt = R"(,"at":)";

template <class Number>
bool take(std::string_view& text, std::string_view name, Number& number) noexcept {
  if (!text.starts_with(name)) return false;
  const char* begin = text.data() + name.size();
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

}  // namespace

void append_stamp(std::string& out, const Stamp& stamp, std::string_view room, std::size_t bytes) {
  const std::size_t begin = out.size();
  out += '{';
  out.append(kStream).append(std::to_string(stamp.stream));
  out.append(kNumber).append(std::to_string(stamp.number));
  out.append(kAt).append(std::to_string(stamp.at));
  if (!room.empty()) {
    out += R"(,"room":)";
    protocol::append_quoted(out, room);
  }
  constexpr std::string_view kPad = R"(,"pad":")";
  const std::size_t length = out.size() - begin + 1;
  if (bytes > length + kPad.size()) {
    out += kPad;
    out.append(bytes - length - kPad.size() - 1, 'x');
    out += '"';
  }
  out += '}';
}

std::optional<Stamp> find_stamp(std::string_view message) noexcept {
  const std::size_t at = message.find(kStream);
  if (at == std::string_view::npos) return std::nullopt;
  message.remove_prefix(at);
  Stamp stamp;
  if (!take(message, kStream, stamp.stream) || !take(message, kNumber, stamp.number) || !take(message, kAt, stamp.at)) {
    return std::nullopt;
  }
  return stamp;
}

}  // namespace hearth::load
