// The server's end of TLS, against OpenSSL's client, without any socket.

#include "tls/endpoint.hpp"

#include "support/authority.hpp"
#include "tls/error.hpp"
#include "tls/server_context.hpp"

#include <gmock/gmock.h>

#include <array>
#include <stdexcept>
#include <string>

namespace hearth::tls {
namespace {

struct Collector : RecordSink {
  void take(std::string_view records) override { bytes += records; }
  std::string bytes;
};

/// OpenSSL's client, whose bytes go where the test says.
class Client {
 public:
  explicit Client(int version) : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_max_proto_version(context_.get(), version);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_bio(ssl_.get(), in_, out_);
    SSL_set_connect_state(ssl_.get());
  }

  void hear(std::string_view bytes) {
    if (!bytes.empty()) BIO_write(in_, bytes.data(), static_cast<int>(bytes.size()));
  }
  bool shake_hands() { return SSL_do_handshake(ssl_.get()) == 1; }
  void say(std::string_view plain) { SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size())); }
  void end() { SSL_shutdown(ssl_.get()); }
  std::string said() {
    std::string bytes(BIO_ctrl_pending(out_), '\0');
    if (!bytes.empty()) BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }
  std::string heard() {
    std::string all;
    std::array<char, 4096> part;
    int got = 0;
    while ((got = SSL_read(ssl_.get(), part.data(), static_cast<int>(part.size()))) > 0) {
      all.append(part.data(), static_cast<std::size_t>(got));
    }
    return all;
  }
  bool has_ended() { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  SSL* native() { return ssl_.get(); }

 private:
  SslContextPointer context_;
  BIO* in_ = BIO_new(BIO_s_mem());
  BIO* out_ = BIO_new(BIO_s_mem());
  SslPointer ssl_;
};

struct TlsEndpoint : testing::TestWithParam<int> {
  static std::shared_ptr<const ServerContext> make_context() {
    static const test::Authority authority;
    return std::make_shared<const ServerContext>(TlsOptions{.certificates = {authority.issue_for_loopback()}},
                                                 std::make_shared<TicketKeys>());
  }

  /// Until both say that it is done. What the client says with the end of its handshake comes to `rest`.
  void shake_hands() {
    bool client_done = false;
    for (auto progress = Endpoint::Progress::waiting; progress != Endpoint::Progress::done || !client_done;) {
      client_done = client.shake_hands();
      const std::string said = client.said();
      std::string_view left(said);
      if (progress != Endpoint::Progress::done) progress = endpoint.shake_hands(left, sink);
      ASSERT_NE(progress, Endpoint::Progress::failed) << take_error();
      client.hear(std::exchange(sink.bytes, {}));
    }
    client.heard();  // tickets
  }

  std::string opened(std::string_view records) {
    const Endpoint::Result result = endpoint.open(records, buffer, sink);
    status = result.status;
    return {buffer.data(), result.size};
  }

  Client client{GetParam()};
  const std::shared_ptr<const ServerContext> context = make_context();
  Endpoint endpoint{context->make_ssl(), context};
  Collector sink;
  Endpoint::Opened status = Endpoint::Opened::good;
  std::string buffer = std::string(std::size_t{256} * 1024, '\0');
};

INSTANTIATE_TEST_SUITE_P(Versions, TlsEndpoint, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_2_VERSION ? "Tls12" : "Tls13"; });

TEST_P(TlsEndpoint, CarriesBytesBothWays) {
  shake_hands();
  client.say("hello");
  EXPECT_EQ(opened(client.said()), "hello");
  EXPECT_EQ(status, Endpoint::Opened::good);
  EXPECT_TRUE(endpoint.seal("good day", sink));
  client.hear(sink.bytes);
  EXPECT_EQ(client.heard(), "good day");
}

TEST_P(TlsEndpoint, SealsUpTo16KiBIntoOneRecord) {
  shake_hands();
  const std::string plain(kMaxRecord, 'x');
  EXPECT_TRUE(endpoint.seal(plain, sink));
  ASSERT_GT(sink.bytes.size(), plain.size());
  EXPECT_LE(sink.bytes.size(), plain.size() + kMaxRecordOverhead);
  const auto length = (static_cast<unsigned char>(sink.bytes[3]) << 8U) + static_cast<unsigned char>(sink.bytes[4]);
  EXPECT_EQ(sink.bytes.size(), static_cast<std::size_t>(length) + 5);
}

TEST_P(TlsEndpoint, RecordsMayComeByteByByte) {
  shake_hands();
  client.say("in pieces");
  std::string all;
  for (const char byte : client.said()) all += opened({&byte, 1});
  EXPECT_EQ(all, "in pieces");
}

TEST_P(TlsEndpoint, OpensManyRecordsAtOnce) {
  shake_hands();
  const std::string text(std::size_t{100} * 1024, 'y');
  client.say(text);
  EXPECT_EQ(opened(client.said()), text);
}

TEST_P(TlsEndpoint, AChangedRecordDoesNotOpen) {
  shake_hands();
  client.say("first");
  client.say("second");
  std::string records = client.said();
  records.back() = static_cast<char>(records.back() ^ 1);
  EXPECT_EQ(opened(records), "first");
  EXPECT_EQ(status, Endpoint::Opened::failed);
  EXPECT_THAT(take_error(), testing::HasSubstr("bad record mac"));
  EXPECT_FALSE(sink.bytes.empty()) << "an alert";
}

TEST_P(TlsEndpoint, TellsOfTheClientsEndAfterWhatItSaid) {
  shake_hands();
  client.say("bye");
  client.end();
  EXPECT_EQ(opened(client.said()), "bye");
  EXPECT_EQ(status, Endpoint::Opened::ended);
  EXPECT_TRUE(endpoint.has_ended());
}

TEST_P(TlsEndpoint, EndsOnce) {
  shake_hands();
  endpoint.end(sink);
  const std::string once = sink.bytes;
  EXPECT_FALSE(once.empty());
  endpoint.end(sink);
  EXPECT_EQ(sink.bytes, once);
  client.hear(once);
  EXPECT_EQ(client.heard(), "");
  EXPECT_TRUE(client.has_ended());
  // What the client still says is heard.
  client.say("and I");
  EXPECT_EQ(opened(client.said()), "and I");
}

TEST_P(TlsEndpoint, AHandshakeIsNotEndless) {
  // Records that begin a ClientHello of 64 KiB (RFC 8446, 4 and 5.1).
  const std::size_t payload = 8192;
  std::string hello;
  for (int i = 0; i < 8; ++i) hello += std::string("\x16\x03\x03\x20\x00", 5) + std::string(payload, '\0');
  hello.replace(5, 4, std::string("\x01\x01\x00\x00", 4));
  Endpoint::Progress progress = Endpoint::Progress::waiting;
  std::size_t fed = 0;
  while (progress == Endpoint::Progress::waiting && fed < hello.size()) {
    std::string_view next = std::string_view(hello).substr(fed, payload);
    fed += next.size();
    progress = endpoint.shake_hands(next, sink);
  }
  EXPECT_EQ(progress, Endpoint::Progress::too_long);
  EXPECT_LE(fed, kMaxHandshake + payload);
}

TEST_P(TlsEndpoint, WhatASinkThrowsComesOut) {
  struct Thrower : RecordSink {
    void take(std::string_view /*records*/) override { throw std::runtime_error("full"); }
  };
  shake_hands();
  Thrower thrower;
  EXPECT_THROW(endpoint.seal("text", thrower), std::runtime_error);
}

TEST_P(TlsEndpoint, ClientsMayNotRenegotiate) {
  if (GetParam() != TLS1_2_VERSION) GTEST_SKIP() << "TLS 1.3 has none";
  shake_hands();
  ASSERT_EQ(SSL_renegotiate(client.native()), 1);
  client.shake_hands();
  EXPECT_EQ(opened(client.said()), "");
  client.hear(sink.bytes);
  EXPECT_FALSE(client.shake_hands());
  EXPECT_EQ(SSL_get_error(client.native(), -1), SSL_ERROR_SSL);
}

}  // namespace
}  // namespace hearth::tls
