// Whatever comes in place of a proxy's header, it is read the same however it is cut, and what it and the fields of a
// request say of where a client comes from is an address or nothing.
//
// Input: which of the two, seed of the cuts, then what comes.

#include "http/proxies.hpp"
#include "http/proxy_header.hpp"
#include "input.hpp"
#include "require.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace hearth::http;
using hearth::fuzz::require;
using Outcome = ProxyHeader::Outcome;

bool is_address_text(std::string_view text) {
  return text.size() < 64 && text.find_first_not_of("0123456789abcdef.:[]") == std::string_view::npos;
}

void check_header(std::string_view received, unsigned seed) {
  const ProxyHeader whole = read_proxy_header(received);
  std::mt19937 random(seed);
  ProxyHeader pieces;
  for (std::size_t arrived = 0; pieces.outcome == Outcome::need_more && arrived < received.size();) {
    arrived = std::min<std::size_t>(received.size(), arrived + 1 + random() % 20);
    pieces = read_proxy_header(received.substr(0, arrived));
  }
  require(whole.outcome == pieces.outcome && whole.consumed == pieces.consumed && whole.address == pieces.address,
          "in pieces as at once");
  require(whole.consumed <= received.size() && whole.consumed <= kMaxProxyHeader, "it ends where it can");
  require(whole.outcome != Outcome::need_more || received.size() < kMaxProxyHeader, "it ends within the limit");
  require(whole.address.empty() || whole.address == "unix" || is_address_text(whole.address), "it says an address");
  require((whole.consumed > 0) == (whole.outcome == Outcome::read), "only a header is used up");
}

void check_fields(std::string_view value) {
  static const std::vector<std::string> kTrusted{"10.0.0.0/8", "2001:db8::/33", "unix"};
  static const Proxies kProxies(kTrusted);
  std::string head = "GET / HTTP/1.1\r\nX-Forwarded-For: ";
  head.append(value).append("\r\n\r\n");
  const std::string client = kProxies.client_of(head);
  require(client.empty() || is_address_text(client), "a client has an address");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hearth::fuzz::Input input(data, size);
  const bool is_header = input.byte() % 2 == 0;
  const unsigned seed = input.byte();
  if (is_header) {
    check_header(input.rest(), seed);
  } else {
    check_fields(input.rest());
  }
  return 0;
}
