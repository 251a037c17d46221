#include "redis/slots.hpp"

#include "redis/locator.hpp"

#include <boost/crc.hpp>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace hearth::redis {

namespace {

std::optional<std::uint16_t> short_number(std::string_view text) {
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string_view take_part(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

/// The node after this one and all that is in it.
std::size_t after(const RespReply& reply, std::size_t node) {
  std::size_t open = 1;
  for (; open > 0 && node < reply.size(); ++node, --open) {
    if (reply.is(node, RespReply::Type::array)) open += static_cast<std::size_t>(reply.integer(node));
  }
  return node;
}

bool is_slot(std::int64_t number) { return number >= 0 && number < kSlots; }

}  // namespace

std::uint16_t slot_of(std::string_view key) noexcept {
  constexpr std::uint16_t kPolynomial = 0x1021;
  const std::size_t open = key.find('{');
  if (open != std::string_view::npos) {
    const std::size_t close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) key = key.substr(open + 1, close - open - 1);
  }
  boost::crc_optimal<16, kPolynomial, 0, 0, false, false> crc;
  crc.process_bytes(key.data(), key.size());
  return crc.checksum() % kSlots;
}

std::optional<Redirect> read_redirect(std::string_view error, const std::string& host) {
  const std::string_view code = take_part(error);
  if (code == "TRYAGAIN" || code == "CLUSTERDOWN") return Redirect{};
  if (code != "MOVED" && code != "ASK") return std::nullopt;
  const auto slot = short_number(take_part(error));
  const std::string_view address = take_part(error);
  const std::size_t colon = address.rfind(':');
  const auto port = colon == std::string_view::npos ? std::nullopt : short_number(address.substr(colon + 1));
  if (!slot || *slot >= kSlots || !port) return Redirect{};
  RedisEndpoint to{colon == 0 ? host : std::string(address.substr(0, colon)), *port, {}};
  if (!is_usable(to)) return Redirect{};
  return Redirect{code == "ASK" ? Redirect::Kind::ask : Redirect::Kind::moved, *slot, std::move(to)};
}

void SlotTable::assign(std::uint16_t first, std::uint16_t last, const RedisEndpoint& master) {
  auto known = std::find(masters_.begin(), masters_.end(), master);
  if (known == masters_.end() && masters_.size() == kSlots) return;  // there cannot be so many
  if (known == masters_.end()) known = masters_.insert(masters_.end(), master);
  const auto at = static_cast<std::uint16_t>(known - masters_.begin());
  std::fill(of_slot_.begin() + first, of_slot_.begin() + last + 1, at);
}

// Each range is an array of its first slot, its last, its master, and replicas; each of those one of host, port and
// more.
std::optional<SlotTable> read_slot_table(const RespReply& slots, const std::string& host) {
  if (!slots.is_array()) return std::nullopt;
  SlotTable table;
  for (std::size_t range = 1; range < slots.size(); range = after(slots, range)) {
    const std::size_t master = range + 3;
    const std::int64_t first = slots.integer(range + 1);
    const std::int64_t last = slots.integer(range + 2);
    const std::int64_t port = slots.integer(master + 2);
    if (!slots.is(range, RespReply::Type::array) || !slots.is(master, RespReply::Type::array)) return std::nullopt;
    if (!is_slot(first) || !is_slot(last) || first > last || port <= 0 || port > 0xFFFF) continue;
    const std::string_view named = slots.text(master + 1);
    const RedisEndpoint endpoint{named.empty() ? host : std::string(named), static_cast<std::uint16_t>(port), {}};
    if (!is_usable(endpoint)) continue;
    table.assign(static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last), endpoint);
  }
  if (table.masters().empty()) return std::nullopt;
  return table;
}

}  // namespace hearth::redis
