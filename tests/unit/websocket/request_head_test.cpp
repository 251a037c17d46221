#include "websocket/handshake.hpp"

#include "http/head.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace hearth::websocket {
namespace {

using Outcome = RequestHead::Outcome;

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

/// A valid upgrade, to be changed by the tests.
std::string request(std::string_view start = "GET /ws HTTP/1.1", std::string_view host = "Host: example.org\r\n",
                    std::string_view upgrade = "Upgrade: websocket\r\n",
                    std::string_view connection = "Connection: Upgrade\r\n",
                    std::string_view version = "Sec-WebSocket-Version: 13\r\n",
                    std::string_view key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n") {
  std::string text(start);
  text += "\r\n";
  for (const std::string_view field : {host, upgrade, connection, version, key}) {
    text += field;
  }
  return text + "\r\n";
}

/// A valid upgrade with more fields.
std::string request_with(std::string_view fields) {
  std::string text = request();
  text.insert(text.size() - 2, fields);
  return text;
}

RequestHead read_head(std::string_view received, const DeflateOptions& deflate = {}) {
  return read_request_head(received, 0, "/ws", deflate);
}

/// The status of a refusal, after a look at its form.
int refusal(std::string_view received) {
  const RequestHead head = read_head(received);
  if (head.outcome != Outcome::refused) {
    return 0;
  }
  const std::string& response = head.response;
  EXPECT_TRUE(response.starts_with("HTTP/1.1 "));
  EXPECT_NE(response.find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_NE(response.find("\r\nContent-Type: text/plain\r\n"), std::string::npos);
  const std::string body = response.substr(response.find("\r\n\r\n") + 4);
  if (received.starts_with("HEAD ")) {
    EXPECT_EQ(body, "");
    EXPECT_EQ(response.find("\r\nContent-Length: 0\r\n"), std::string::npos) << "it is that of the body left out";
  } else {
    EXPECT_GT(body.size(), 10U) << "it says why";
    EXPECT_NE(response.find("\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"), std::string::npos);
  }
  return std::stoi(response.substr(9, 3));
}

bool upgrades(std::string_view received) { return read_head(received).outcome == Outcome::upgrade; }

TEST(RequestHead, AcceptsTheExampleOfRFC6455) {
  const RequestHead head = read_head(
      "GET /ws HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\n"
      "Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\r\n");
  ASSERT_EQ(head.outcome, Outcome::upgrade);
  EXPECT_EQ(head.response,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
  EXPECT_FALSE(head.deflate);
}

TEST(RequestHead, ReadsWhatBrowsersSend) {
  EXPECT_TRUE(upgrades(
      "GET /ws?room=1 HTTP/1.1\r\nHost: localhost:3000\r\nConnection: Upgrade\r\nPragma: no-cache\r\n"
      "Cache-Control: no-cache\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nUpgrade: websocket\r\n"
      "Origin: http://localhost:3000\r\nSec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br\r\n"
      "Accept-Language: en-GB,en;q=0.9\r\nCookie: a=b; c=\"d\"\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"));
  EXPECT_TRUE(upgrades(request("GET /ws HTTP/1.1", "Host: [::1]:3000\r\n", "Upgrade: websocket\r\n",
                               "Connection: keep-alive, Upgrade\r\n")));
}

TEST(RequestHead, NeedsMoreUntilTheHeadIsComplete) {
  const std::string whole = request();
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    EXPECT_EQ(read_head(std::string_view(whole).substr(0, cut)).outcome, Outcome::need_more) << cut;
  }
}

TEST(RequestHead, IsFoundHoweverItIsCut) {
  const std::string whole = request() + "frames";
  for (std::size_t first = 0; first < whole.size(); ++first) {
    for (std::size_t second = first; second < whole.size(); second += 3) {
      std::size_t scanned = 0;
      RequestHead head;
      for (const std::size_t arrived : {first, second, whole.size()}) {
        head = read_request_head(std::string_view(whole).substr(0, arrived), scanned, "/ws", {});
        if (head.outcome != Outcome::need_more) {
          break;
        }
        scanned = arrived;
      }
      ASSERT_EQ(head.outcome, Outcome::upgrade) << first << " " << second;
      ASSERT_EQ(head.consumed, whole.size() - 6);
    }
  }
}

TEST(RequestHead, LeavesTheFirstFramesUnread) {
  const std::string whole = request() + "\x81\x85 frames\r\n\r\nand more";
  const RequestHead head = read_head(whole);
  ASSERT_EQ(head.outcome, Outcome::upgrade);
  EXPECT_EQ(head.consumed, request().size());
}

TEST(RequestHead, TakesTokensInAnyCaseAndAmongOthers) {
  EXPECT_TRUE(upgrades(request("GET /ws HTTP/1.1", "hOST: a\r\n", "uPGRADE: h2c, WebSocket , x\r\n",
                               "CONNECTION: keep-alive,\tUPGRADE\r\n")));
  EXPECT_TRUE(upgrades(request("GET /ws HTTP/1.1", "Host: a\r\n", "Upgrade: h2c\r\nUpgrade: websocket\r\n",
                               "Connection: upgrade\r\nConnection: keep-alive\r\n")));
  EXPECT_TRUE(upgrades(request("GET /ws HTTP/1.1", "Host:a\r\n", "Upgrade:websocket\r\n", "Connection:Upgrade\r\n",
                               "Sec-WebSocket-Version:13\r\n", "sec-websocket-key:dGhlIHNhbXBsZSBub25jZQ==\r\n")));
}

TEST(RequestHead, TakesNoHeedOfOriginOrAQuery) {
  EXPECT_TRUE(upgrades(request_with("Origin: https://evil.example\r\n")));
  EXPECT_TRUE(upgrades(request("GET /ws?token=a/b?c HTTP/1.1")));
  EXPECT_TRUE(upgrades(request("GET /ws? HTTP/1.1")));
}

TEST(RequestHead, TakesAWholeURLForTheTarget) {
  EXPECT_TRUE(upgrades(request("GET http://example.org/ws?a HTTP/1.1")));
  EXPECT_EQ(read_head(request("GET http://example.org HTTP/1.1")).target, "/");
  for (const std::string_view target : {"ws://x?a=/ws", "http://x?/ws", "http://x#/ws", "http://x?a#b/ws"}) {
    EXPECT_EQ(read_head(request("GET " + std::string(target) + " HTTP/1.1")).target, "/") << target;
  }
  EXPECT_EQ(read_head(request("GET /redirect?to=http://example.org/ws HTTP/1.1")).target, "/redirect");
}

TEST(RequestHead, GivesOtherPathsToTheCaller) {
  constexpr std::string_view kRequest = "GET /metrics?format=text HTTP/1.1\r\nHost: a\r\n\r\n";
  const RequestHead head = read_head(std::string(kRequest) + "rest");
  EXPECT_EQ(head.outcome, Outcome::plain);
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.target, "/metrics");
  EXPECT_EQ(head.consumed, kRequest.size());
  for (const std::string_view target : {"/", "/ws/", "/WS", "/w", "/wss", "/ws%", "/%57s", "/%2577s", "*"}) {
    EXPECT_EQ(read_head(request("GET " + std::string(target) + " HTTP/1.1")).outcome, Outcome::plain) << target;
  }
  EXPECT_EQ(read_head("POST /publish HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}").method, "POST");
  EXPECT_EQ(read_head("HEAD /health HTTP/1.0\r\n\r\n").method, "HEAD");
}

TEST(RequestHead, ComparesThePathPercentDecoded) {
  EXPECT_TRUE(upgrades(request("GET /%77s HTTP/1.1")));
  for (const std::string_view path : {"/é", "/%C3%A9", "/%c3%a9"}) {
    for (const std::string_view target : {"/é", "/%C3%A9", "/%c3%A9?x=y"}) {
      const std::string text = request("GET " + std::string(target) + " HTTP/1.1");
      EXPECT_EQ(read_request_head(text, 0, path, {}).outcome, Outcome::upgrade) << path << ' ' << target;
    }
  }
}

TEST(RequestHead, UpgradesWhateverThePathIfNoneIsGiven) {
  for (const std::string_view target : {"/", "/chat", "/a/b?c=1", "http://server.example.com"}) {
    const std::string text = request("GET " + std::string(target) + " HTTP/1.1");
    EXPECT_EQ(read_request_head(text, 0, "", {}).outcome, Outcome::upgrade) << target;
  }
}

TEST(RequestHead, RefusesOtherMethodsWith405) {
  for (const std::string_view method : {"POST", "HEAD", "PUT", "OPTIONS", "BREW", "get"}) {
    const std::string text = request(std::string(method) + " /ws HTTP/1.1");
    EXPECT_EQ(refusal(text), 405) << method;
    EXPECT_NE(read_head(text).response.find("\r\nAllow: GET\r\n"), std::string::npos);
  }
}

void expect_426(const std::string& text) {
  EXPECT_EQ(refusal(text), 426) << text;
  const std::string response = read_head(text).response;
  EXPECT_NE(response.find("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"), std::string::npos);
  EXPECT_NE(response.find("\r\nSec-WebSocket-Version: 13\r\n"), std::string::npos);
}

TEST(RequestHead, RefusesARequestWithoutAnUpgradeWith426) {
  expect_426("GET /ws HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_426("GET /ws HTTP/1.0\r\n\r\n");
  expect_426(request("GET /ws HTTP/1.1", "Host: a\r\n", ""));
  expect_426(request("GET /ws HTTP/1.1", "Host: a\r\n", "Upgrade: h2c\r\n"));
  expect_426(request("GET /ws HTTP/1.1", "Host: a\r\n", "Upgrade: websockets\r\n"));
}

TEST(RequestHead, RefusesOtherVersionsWith426) {
  for (const std::string_view version : {"", "Sec-WebSocket-Version: 8\r\n", "Sec-WebSocket-Version: 0\r\n",
                                         "Sec-WebSocket-Version: 13, 8\r\n", "Sec-WebSocket-Version: 013\r\n"}) {
    expect_426(
        request("GET /ws HTTP/1.1", "Host: a\r\n", "Upgrade: websocket\r\n", "Connection: Upgrade\r\n", version));
  }
}

TEST(RequestHead, RefusesAConnectionFieldThatDoesNotNameUpgrade) {
  for (const std::string_view connection : {"", "Connection: close\r\n", "Connection: keep-alive, Upgrades\r\n"}) {
    EXPECT_EQ(refusal(request("GET /ws HTTP/1.1", "Host: a\r\n", "Upgrade: websocket\r\n", connection)), 400);
  }
}

TEST(RequestHead, RefusesHTTP10) { EXPECT_EQ(refusal(request("GET /ws HTTP/1.0")), 400); }

TEST(RequestHead, RefusesAMissingOrRepeatedHost) {
  EXPECT_EQ(refusal(request("GET /ws HTTP/1.1", "")), 400);
  EXPECT_EQ(refusal(request("GET /ws HTTP/1.1", "Host: a\r\nHost: a\r\n")), 400);
  EXPECT_EQ(refusal("GET /other HTTP/1.1\r\n\r\n"), 400);
}

TEST(RequestHead, RefusesKeysThatAreNot16BytesInBase64) {
  for (const std::string_view key :
       {"", "Sec-WebSocket-Key:\r\n", "Sec-WebSocket-Key: short\r\n", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQAA\r\n", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQA=\r\n",
        "Sec-WebSocket-Key: dGhl-HNhbXBsZSBub25jZQ==\r\n", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==AAAA\r\n",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"}) {
    EXPECT_EQ(refusal(request("GET /ws HTTP/1.1", "Host: a\r\n", "Upgrade: websocket\r\n", "Connection: Upgrade\r\n",
                              "Sec-WebSocket-Version: 13\r\n", key)),
              400)
        << key;
  }
}

TEST(RequestHead, RefusesARepeatedVersion) { EXPECT_EQ(refusal(request_with("Sec-WebSocket-Version: 13\r\n")), 400); }

TEST(RequestHead, RefusesAnUpgradeWithABody) {
  EXPECT_EQ(refusal(request_with("Content-Length: 5\r\n")), 400);
  EXPECT_EQ(refusal(request_with("Content-Length: 99999999999\r\n")), 400);
  EXPECT_EQ(refusal(request_with("Transfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(refusal(request_with("Transfer-Encoding: gzip\r\n")), 400);
  EXPECT_TRUE(upgrades(request_with("Content-Length: 0\r\n")));
}

TEST(RequestHead, RefusesWhatIsNoHTTP) {
  for (const std::string_view start :
       {"GET /ws", "GET  /ws HTTP/1.1", "GET /ws HTTP/2.0", "GET /ws HTTP/1.2", "GET /ws http/1.1", "/ws",
        " GET /ws HTTP/1.1", "GET /w\x01s HTTP/1.1", "\x16\x03\x01 /ws HTTP/1.1", "G@T /ws HTTP/1.1"}) {
    EXPECT_EQ(refusal(request(start)), 400) << start;
  }
  EXPECT_EQ(refusal("\r\n\r\n"), 400);
  EXPECT_EQ(refusal(request_with("no colon\r\n")), 400);
  EXPECT_EQ(refusal(request_with("Bad Name: x\r\n")), 400);
  EXPECT_EQ(refusal(request_with("Space : x\r\n")), 400);
  EXPECT_EQ(refusal(request_with("Control: \x02\r\n")), 400);
  EXPECT_EQ(refusal(request_with("Content-Length: many\r\n")), 400);
}

TEST(RequestHead, IgnoresOneEmptyLineBeforeIt) {
  const RequestHead head = read_head("\r\n" + request() + "frames");
  ASSERT_EQ(head.outcome, Outcome::upgrade);
  EXPECT_EQ(head.consumed, 2 + request().size());
  EXPECT_EQ(read_head("\r").outcome, Outcome::need_more);
  EXPECT_EQ(read_head("\r\n").outcome, Outcome::need_more);
  EXPECT_EQ(refusal("\r\n\r"), 400) << "one is enough";
  EXPECT_EQ(refusal("\r\n" + request_with("Bad Name: x\r\n")), 400);
}

TEST(RequestHead, IsFoundAfterAnEmptyLineHoweverItIsCut) {
  const std::string whole = "\r\n" + request();
  for (std::size_t first = 0; first < whole.size(); ++first) {
    ASSERT_EQ(read_head(whole.substr(0, first)).outcome, Outcome::need_more) << first;
    ASSERT_EQ(read_request_head(whole, first, "/ws", {}).outcome, Outcome::upgrade) << first;
  }
}

TEST(RequestHead, RefusesAtTheFirstByteWhatCannotBecomeOne) {
  for (const std::string_view first : {"\x16", "\x16\x03\x01\x02", "\r\n\x16", "\xC3", "(", " ", "\n"}) {
    EXPECT_EQ(refusal(first), 400) << first;
    EXPECT_EQ(read_head(first).is_tls, first.find('\x16') != std::string_view::npos) << first;
  }
  EXPECT_EQ(refusal({"\0", 1}), 400);
  EXPECT_EQ(read_head("$").outcome, Outcome::need_more);
}

TEST(RequestHead, AnswersHeadWithoutABody) {
  EXPECT_EQ(refusal("HEAD /ws HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(refusal("HEAD /ws HTTP/3\r\n\r\n"), 400);
  EXPECT_EQ(refusal(request("HEAD /ws HTTP/1.1")), 405);
  EXPECT_EQ(refusal("HEAD /ws?" + std::string(http::kMaxRequestHead, 'x')), 431);
}

TEST(RequestHead, RefusesAMalformedExtensionList) {
  EXPECT_EQ(refusal(request_with("Sec-WebSocket-Extensions: permessage-deflate; =15\r\n")), 400);
}

TEST(RequestHead, MayHave16KiBAndNoMore) {
  const auto padded = [](std::size_t size) {
    const std::size_t name_and_end = 5;
    return request_with("P: " + std::string(size - request().size() - name_and_end, 'p') + "\r\n");
  };
  const std::string fits = padded(http::kMaxRequestHead);
  ASSERT_EQ(fits.size(), http::kMaxRequestHead);
  EXPECT_TRUE(upgrades(fits));
  EXPECT_TRUE(upgrades(fits + std::string(100'000, 'f'))) << "frames do not count";
  EXPECT_EQ(refusal(padded(http::kMaxRequestHead + 1)), 431);
}

TEST(RequestHead, IsRefusedAsSoonAsItCannotEndWithin16KiB) {
  const std::string endless = "GET /ws HTTP/1.1\r\nP: " + std::string(http::kMaxRequestHead, 'p');
  EXPECT_EQ(read_head(endless.substr(0, http::kMaxRequestHead - 1)).outcome, Outcome::need_more);
  EXPECT_EQ(refusal(endless.substr(0, http::kMaxRequestHead)), 431);
}

TEST(RequestHead, AgreesOnCompressionWhenBothWantIt) {
  const std::string offer = request_with("Sec-WebSocket-Extensions: x-other, permessage-deflate\r\n");
  EXPECT_FALSE(read_head(offer).deflate);
  EXPECT_FALSE(read_head(request(), {.enabled = true}).deflate);
  const RequestHead head = read_head(offer, {.enabled = true});
  ASSERT_TRUE(head.deflate);
  EXPECT_NE(head.response.find("\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
                               "client_no_context_takeover\r\n"),
            std::string::npos);
}

TEST(RequestHead, JoinsExtensionFieldsToOneList) {
  const RequestHead head = read_head(request_with("Sec-WebSocket-Extensions: x-webkit-deflate-frame\r\n"
                                                  "Sec-WebSocket-Extensions: permessage-deflate\r\n"),
                                     {.enabled = true});
  EXPECT_TRUE(head.deflate);
}

TEST(AcceptToken, IsThatOfRFC6455) { EXPECT_EQ(accept_token(kKey), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); }

TEST(RandomKey, IsAcceptedByTheServerAndNeverTheSame) {
  const std::string key = random_key();
  EXPECT_NE(key, random_key());
  EXPECT_TRUE(upgrades(upgrade_request("example.org", "/ws", key)));
}

}  // namespace
}  // namespace hearth::websocket
