#include "http/proxies.hpp"

#include "http/fields.hpp"
#include "http/origins.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace hearth::http {

namespace {

namespace ip = boost::asio::ip;

constexpr unsigned kMappedBits = 96;  // before an IPv4 address

std::optional<ip::address> parse_address(std::string_view text) {
  if (text.find('%') != std::string_view::npos) return std::nullopt;  // a zone says nothing elsewhere
  boost::system::error_code error;
  const auto address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return address;
}

std::array<std::uint8_t, 16> bytes_of(const ip::address& address) {
  return (address.is_v4() ? ip::make_address_v6(ip::v4_mapped, address.to_v4()) : address.to_v6()).to_bytes();
}

std::optional<unsigned> parse_number(std::string_view text, unsigned most) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > most) return std::nullopt;
  return number;
}

std::string_view without_brackets(std::string_view host) noexcept {
  if (!host.starts_with('[') || !host.ends_with(']')) return host;
  return host.substr(1, host.size() - 2);
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`: host and port.
std::pair<std::string_view, std::string_view> split_port(std::string_view text) noexcept {
  const bool is_bare_v6 = !text.starts_with('[') && std::count(text.begin(), text.end(), ':') > 1;
  if (is_bare_v6) return {text, {}};
  const std::string_view host = without_port(text);
  return {without_brackets(host), text.substr(std::min(text.size(), host.size() + 1))};
}

}  // namespace

Proxies::Network Proxies::network_of(const std::string& text) {
  const auto refuse = [&](const std::string& why) {
    throw std::invalid_argument("`" + text + "` is no address or network: " + why +
                                "; give 192.0.2.1, 10.0.0.0/8, 2001:db8::/32 or unix");
  };
  const std::size_t slash = text.find('/');
  const auto address = parse_address(without_brackets(std::string_view(text).substr(0, slash)));
  if (!address) refuse("the address cannot be read");
  const unsigned most = address->is_v4() ? 32 : 128;
  unsigned bits = most;
  if (slash != std::string::npos) {
    const auto given = parse_number(std::string_view(text).substr(slash + 1), most);
    if (!given) refuse("after `/` comes a number from 0 to " + std::to_string(most));
    bits = *given;
  }
  return {bytes_of(*address), bits + (address->is_v4() ? kMappedBits : 0)};
}

Proxies::Proxies(std::span<const std::string> trusted) {
  for (const std::string& text : trusted) {
    if (text == "unix") {
      trusts_unix_ = true;
    } else {
      networks_.push_back(network_of(text));
    }
  }
}

bool Proxies::trusts(const Bytes& address) const noexcept {
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    const std::size_t whole = network.bits / 8;
    if (!std::equal(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(whole), network.address.begin())) {
      return false;
    }
    const unsigned rest = network.bits % 8;
    return rest == 0 || ((address[whole] ^ network.address[whole]) >> (8 - rest)) == 0;
  });
}

bool Proxies::trusts(std::string_view peer) const {
  if (peer == "unix" || peer.starts_with("unix:")) return trusts_unix_;
  const auto address = parse_address(split_port(peer).first);
  return address && trusts(bytes_of(*address));
}

bool Proxies::read(std::string_view entry, Forwarded& forwarded) {
  const auto [host, port] = split_port(entry);
  const auto address = parse_address(host);
  const auto number = parse_number(port, 65'535);
  if (!address || (!port.empty() && !number)) return false;
  forwarded.address = bytes_of(*address);
  forwarded.text = address->is_v4() ? address->to_string() : '[' + address->to_string() + ']';
  if (number) forwarded.text.append(":").append(std::to_string(*number));  // as it was given, it may be any length
  return true;
}

std::string Proxies::client_of(std::string_view head) const {
  std::string list;
  for_each_field(head, [&](std::string_view name, std::string_view value) {
    if (!equals_ignoring_case(name, "x-forwarded-for")) return;
    if (!list.empty()) list += ',';
    list += value;
  });
  std::string client;
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::size_t comma = rest.rfind(',');
    const std::string_view entry = trimmed(rest.substr(comma == std::string_view::npos ? 0 : comma + 1));
    Forwarded forwarded;
    if (!read(entry, forwarded)) break;
    client = std::move(forwarded.text);
    if (!trusts(forwarded.address) || comma == std::string_view::npos) break;
    rest = rest.substr(0, comma);
  }
  return client;
}

}  // namespace hearth::http
