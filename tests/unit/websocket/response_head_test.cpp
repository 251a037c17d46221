#include "http/head.hpp"
#include "http/response.hpp"
#include "websocket/error.hpp"
#include "websocket/handshake.hpp"

#include <gtest/gtest.h>

namespace hearth::websocket {
namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

/// The server's answer with its fields given; the defaults make a valid one.
std::string answer(std::string_view start = "HTTP/1.1 101 Switching Protocols",
                   std::string_view upgrade = "Upgrade: websocket\r\n",
                   std::string_view connection = "Connection: Upgrade\r\n",
                   std::string_view accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",
                   std::string_view more = {}) {
  std::string text(start);
  text += "\r\n";
  for (const std::string_view field : {upgrade, connection, accept, more}) {
    text += field;
  }
  return text + "\r\n";
}

std::string answer_with(std::string_view fields) {
  std::string text = answer();
  text.insert(text.size() - 2, fields);
  return text;
}

bool is_valid(std::string_view received) {
  const ResponseHead head = read_response_head(received, kKey);
  EXPECT_TRUE(head.complete);
  EXPECT_TRUE(!head.error || head.error == Error::invalid_response);
  return !head.error;
}

TEST(ResponseHead, AcceptsWhatTheServerSends) {
  const RequestHead request = read_request_head(upgrade_request("a", "/ws", kKey), 0, "/ws", {});
  const ResponseHead response = read_response_head(request.response + "frames", kKey);
  EXPECT_TRUE(response.complete);
  EXPECT_FALSE(response.error);
  EXPECT_EQ(response.status, 101U);
  EXPECT_EQ(response.consumed, request.response.size());
  EXPECT_FALSE(response.deflate);
}

TEST(ResponseHead, IsIncompleteAtEveryCut) {
  const std::string whole = answer();
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    EXPECT_FALSE(read_response_head(std::string_view(whole).substr(0, cut), kKey).complete) << cut;
  }
}

TEST(ResponseHead, TakesTokensInAnyCase) {
  EXPECT_TRUE(is_valid(answer("HTTP/1.1 101 ", "upgrade: WebSocket\r\n", "connection: keep-alive, UPGRADE\r\n")));
}

TEST(ResponseHead, RefusesAnAnswerThatIsNoUpgrade) {
  constexpr std::string_view kStart = "HTTP/1.1 101 Switching Protocols";
  EXPECT_FALSE(is_valid(answer("HTTP/1.1 200 OK")));
  EXPECT_FALSE(is_valid(answer("HTTP/1.0 101 Switching Protocols")));
  EXPECT_FALSE(is_valid(answer("ICY 101")));
  EXPECT_FALSE(is_valid(answer(kStart, "")));
  EXPECT_FALSE(is_valid(answer(kStart, "Upgrade: h2c\r\n")));
  EXPECT_FALSE(is_valid(answer(kStart, "Upgrade: websocket\r\n", "")));
  EXPECT_FALSE(is_valid(answer(kStart, "Upgrade: websocket\r\n", "Connection: close\r\n")));
}

TEST(ResponseHead, RefusesATokenThatDoesNotFitTheKey) {
  for (const std::string_view accept : {"", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOp=\r\n",
                                        "Sec-WebSocket-Accept: S3PPLMBITXAQ9KYGZZHZRBK+XOO=\r\n",
                                        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Accept: "
                                        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"}) {
    EXPECT_FALSE(is_valid(answer("HTTP/1.1 101 S", "Upgrade: websocket\r\n", "Connection: Upgrade\r\n", accept)));
  }
}

TEST(ResponseHead, RefusesASubprotocolThatNobodyAskedFor) {
  EXPECT_FALSE(is_valid(answer_with("Sec-WebSocket-Protocol: chat\r\n")));
}

TEST(ResponseHead, GivesTheStatusOfARefusal) {
  const ResponseHead head = read_response_head(http::response(404, "text/plain", "Not here."), kKey);
  EXPECT_TRUE(head.complete);
  EXPECT_EQ(head.status, 404U);
  EXPECT_EQ(head.error, Error::invalid_response);
}

TEST(ResponseHead, ReadsTheAgreementOnCompression) {
  const ResponseHead head =
      read_response_head(answer_with("Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
                                     "server_max_window_bits=10; client_max_window_bits=\"11\"\r\n"),
                         kKey);
  ASSERT_TRUE(head.deflate);
  EXPECT_TRUE(head.deflate->server_no_context_takeover);
  EXPECT_FALSE(head.deflate->client_no_context_takeover);
  EXPECT_EQ(head.deflate->server_max_window_bits, 10);
  EXPECT_EQ(head.deflate->client_max_window_bits, 11);
}

TEST(ResponseHead, RefusesExtensionsThatItCannotFollow) {
  for (const std::string_view value :
       {"x-other", "permessage-deflate; unknown", "permessage-deflate; client_max_window_bits",
        "permessage-deflate; server_max_window_bits=16", "permessage-deflate, permessage-deflate",
        "permessage-deflate;"}) {
    EXPECT_FALSE(is_valid(answer_with("Sec-WebSocket-Extensions: " + std::string(value) + "\r\n"))) << value;
  }
}

TEST(ResponseHead, IsNoLongerThanARequest) {
  EXPECT_FALSE(is_valid("HTTP/1.1 101 S\r\nP: " + std::string(http::kMaxRequestHead, 'p')));
}

}  // namespace
}  // namespace hearth::websocket
