#include "http/proxy_header.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace hearth::http {
namespace {

using Outcome = ProxyHeader::Outcome;

/// Version 2, with addresses and whatever follows them as bytes.
std::string v2(unsigned command, unsigned family, std::string_view rest) {
  std::string header("\r\n\r\n\0\r\nQUIT\n", 12);
  header += static_cast<char>(0x20U | command);
  header += static_cast<char>(family);
  header += static_cast<char>(rest.size() >> 8);
  header += static_cast<char>(rest.size() & 0xffU);
  header += rest;
  return header;
}

const std::string kTcp4("\xc0\x00\x02\x01\xc6\x33\x64\x02\x13\x88\x01\xbb", 12);  // 192.0.2.1:5000 to 198.51.100.2:443

void expect_read(const std::string& header, const std::string& address) {
  const ProxyHeader read = read_proxy_header(header + "GET / HTTP/1.1\r\n");
  EXPECT_EQ(read.outcome, Outcome::read) << header;
  EXPECT_EQ(read.consumed, header.size()) << header;
  EXPECT_EQ(read.address, address) << header;
  for (std::size_t size = 0; size < header.size(); ++size) {
    ASSERT_EQ(read_proxy_header(std::string_view(header).substr(0, size)).outcome, Outcome::need_more)
        << header << ' ' << size;
  }
}

void expect_malformed(const std::string& header) {
  EXPECT_EQ(read_proxy_header(header).outcome, Outcome::malformed) << header;
}

TEST(ProxyHeader, TextOfVersion1) {
  expect_read("PROXY TCP4 192.0.2.1 198.51.100.2 5000 443\r\n", "192.0.2.1:5000");
  expect_read("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535");
  expect_read("PROXY TCP6 2001:db8::1 2001:db8::2 5000 443\r\n", "[2001:db8::1]:5000");
  expect_read(
      "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
      "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe]:65535");
}

TEST(ProxyHeader, UnknownSaysNothing) {
  expect_read("PROXY UNKNOWN\r\n", "");
  expect_read("PROXY UNKNOWN ffff::1 whatever 1 2\r\n", "");
}

TEST(ProxyHeader, Version1ThatIsWrongIsMalformed) {
  for (const char* header :
       {"GET / HTTP/1.1\r\n", "PROXY\r\n", "PROXY TCP5 192.0.2.1 198.51.100.2 5000 443\r\n",
        "PROXY TCP4 192.0.2 198.51.100.2 5000 443\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 5000\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 5000 443 1\r\n", "PROXY TCP4  192.0.2.1 198.51.100.2 5000 443\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 65536 443\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 05 443\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 -1 443\r\n", "PROXY TCP4 2001:db8::1 198.51.100.2 5000 443\r\n",
        "PROXY TCP6 192.0.2.1 2001:db8::2 5000 443\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 5000 443 \r\n",
        "PROXY UDP4 192.0.2.1 198.51.100.2 5000 443\r\n", "proxy TCP4 192.0.2.1 198.51.100.2 5000 443\r\n"}) {
    expect_malformed(header);
  }
  expect_malformed("PROXY TCP4 " + std::string(200, '1') + "\r\n");
  expect_malformed("PROXY UNKNOWN " + std::string(93, 'x'));  // 107 bytes without an end
}

TEST(ProxyHeader, BinaryOfVersion2) {
  expect_read(v2(1, 0x11, kTcp4), "192.0.2.1:5000");
  const std::string tcp6 = std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + '\1' + std::string(16, '\0') +
                           std::string("\x13\x88\x01\xbb", 4);
  expect_read(v2(1, 0x21, tcp6), "[2001:db8::1]:5000");
  expect_read(v2(1, 0x31, std::string(216, '\0')), "unix");
  expect_read(v2(1, 0x00, "whatever"), "");
}

TEST(ProxyHeader, MoreThanAddressesIsPassedOver) {
  expect_read(v2(1, 0x11, kTcp4 + std::string("\x03\x00\x04\x01\x02\x03\x04", 7)), "192.0.2.1:5000");
  expect_read(v2(1, 0x11, kTcp4 + std::string(kMaxProxyHeader - 16 - 12, 'x')), "192.0.2.1:5000");
}

TEST(ProxyHeader, LocalIsTheProxyItself) {
  expect_read(v2(0, 0x00, ""), "");
  expect_read(v2(0, 0x11, kTcp4), "");
}

TEST(ProxyHeader, Version2ThatIsWrongIsMalformed) {
  expect_malformed(v2(2, 0x11, kTcp4));                                       // a command that there is none of
  expect_malformed(v2(1, 0x12, kTcp4));                                       // UDP
  expect_malformed(v2(1, 0x41, kTcp4));                                       // a family that there is none of
  expect_malformed(v2(1, 0x11, std::string_view(kTcp4).substr(0, 11)));       // too short for its family
  expect_malformed(v2(1, 0x21, kTcp4));                                       // the same
  expect_malformed(v2(1, 0x31, std::string(215, 'x')));                       // the same
  expect_malformed(v2(1, 0x11, std::string(kMaxProxyHeader - 16 + 1, 'x')));  // too long
  std::string version3 = v2(1, 0x11, kTcp4);
  version3[12] = 0x31;
  expect_malformed(version3);
  expect_malformed(std::string("\r\n\r\n\0\r\nQUIX", 11));
}

}  // namespace
}  // namespace hearth::http
