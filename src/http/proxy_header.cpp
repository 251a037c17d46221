#include "http/proxy_header.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <system_error>

namespace hearth::http {

namespace {

constexpr std::string_view kBeginV1 = "PROXY ";
constexpr std::size_t kMostV1 = 107;  // CRLF included (section 2.1)
constexpr std::string_view kBeginV2("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kFixedV2 = 16;

using Outcome = ProxyHeader::Outcome;

ProxyHeader malformed_header() { return {Outcome::malformed, 0, {}}; }

/// Whether what was received so far may become, or is, more than `beginning`.
bool may_begin(std::string_view received, std::string_view beginning) noexcept {
  const std::size_t common = std::min(received.size(), beginning.size());
  return received.substr(0, common) == beginning.substr(0, common);
}

/// An address as `inet_pton` takes it, and takes all of it; empty if it is none.
std::string address_text(int family, std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> copy{};
  std::array<unsigned char, sizeof(in6_addr)> binary{};
  if (text.size() >= copy.size()) return {};
  std::copy(text.begin(), text.end(), copy.begin());
  if (::inet_pton(family, copy.data(), binary.data()) != 1) return {};
  if (::inet_ntop(family, binary.data(), copy.data(), copy.size()) == nullptr) return {};
  return family == AF_INET ? std::string(copy.data()) : '[' + std::string(copy.data()) + ']';
}

/// A port without leading zeros.
bool is_port(std::string_view text) noexcept {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc() && end == text.data() + text.size() && number <= 65'535;
  return is_number && (text.size() == 1 || text.front() != '0');
}

std::string_view take_word(std::string_view& line) noexcept {
  const std::size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line = space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
  return word;
}

/// `PROXY TCP4 192.0.2.1 198.51.100.2 5000 443\r\n`
ProxyHeader read_v1(std::string_view received) {
  const std::size_t end = received.substr(0, kMostV1).find("\r\n");
  if (end == std::string_view::npos) return received.size() < kMostV1 ? ProxyHeader() : malformed_header();
  std::string_view line = received.substr(kBeginV1.size(), end - kBeginV1.size());
  ProxyHeader header{Outcome::read, end + 2, {}};
  const std::string_view protocol = take_word(line);
  if (protocol == "UNKNOWN") return header;  // whatever follows it
  if (protocol != "TCP4" && protocol != "TCP6") return malformed_header();
  const int family = protocol == "TCP4" ? AF_INET : AF_INET6;
  const std::string source = address_text(family, take_word(line));
  const std::string destination = address_text(family, take_word(line));
  const std::string_view source_port = take_word(line);
  // The last one: a space after it makes it wrong.
  if (source.empty() || destination.empty() || !is_port(source_port) || !is_port(line)) return malformed_header();
  header.address = source + ':' + std::string(source_port);
  return header;
}

unsigned byte_at(std::string_view bytes, std::size_t at) noexcept { return static_cast<unsigned char>(bytes[at]); }
unsigned number_at(std::string_view bytes, std::size_t at) noexcept {
  return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1);
}

std::string binary_address(int family, std::string_view bytes, std::size_t port_at) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (::inet_ntop(family, bytes.data(), text.data(), text.size()) == nullptr) return {};
  const std::string host = family == AF_INET ? std::string(text.data()) : '[' + std::string(text.data()) + ']';
  return host + ':' + std::to_string(number_at(bytes, port_at));
}

ProxyHeader read_v2(std::string_view received) {
  if (received.size() < kFixedV2) return {};
  const unsigned version = byte_at(received, 12) >> 4;
  const unsigned command = byte_at(received, 12) & 0x0fU;
  const unsigned family = byte_at(received, 13);
  const std::size_t length = number_at(received, 14);
  if (version != 2 || command > 1 || kFixedV2 + length > kMaxProxyHeader) return malformed_header();
  if (received.size() < kFixedV2 + length) return {};
  ProxyHeader header{Outcome::read, kFixedV2 + length, {}};
  if (command == 0) return header;  // LOCAL: the proxy's own, to see whether somebody is there
  const std::string_view addresses = received.substr(kFixedV2, length);
  switch (family) {
    case 0x00:  // UNSPEC
      return header;
    case 0x11:  // TCP over IPv4
      if (length < 12) return malformed_header();
      header.address = binary_address(AF_INET, addresses, 8);
      return header;
    case 0x21:  // TCP over IPv6
      if (length < 36) return malformed_header();
      header.address = binary_address(AF_INET6, addresses, 32);
      return header;
    case 0x31:  // a stream over a Unix socket
      if (length < 216) return malformed_header();
      header.address = "unix";
      return header;
    default:  // datagrams, and what there is none of
      return malformed_header();
  }
}

}  // namespace

ProxyHeader read_proxy_header(std::string_view received) {
  if (may_begin(received, kBeginV2)) return received.size() < kBeginV2.size() ? ProxyHeader() : read_v2(received);
  if (may_begin(received, kBeginV1)) return received.size() < kBeginV1.size() ? ProxyHeader() : read_v1(received);
  return malformed_header();
}

}  // namespace hearth::http
