#pragma once

#include "hearth/crypto.hpp"
#include "support/test_server.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace hearth::test {

/// A client that does its part of docs/protocol.md, section 4, and takes nothing that is not encrypted.
class EncryptedClient {
 public:
  explicit EncryptedClient(TestClient client) : wire_(std::move(client)) {}
  /// A client that has done its handshake.
  EncryptedClient(const TestServer& server, std::string_view user) : EncryptedClient(server.connect()) {
    begin(user);
    finish();
  }

  /// Sends `authenticate`, with an `id` if there is one.
  void begin(std::string_view user, std::string_view id = {}) {
    const boost::json::object data{{"userId", user}, {"publicKey", keys_.public_key()}};
    wire_.send(envelope("authenticate", boost::json::serialize(data), id));
  }
  /// Takes `connected`, which must be the first message.
  void finish() {
    connected_ = boost::json::parse(boost::json::string_view(wire_.expect("connected"))).at("data").as_object();
    const auto error = keys_.derive(std::string(connected_.at("serverPublicKey").as_string()),
                                    std::string(connected_.at("salt").as_string()));
    if (error) throw std::system_error(error);
  }

  void send(std::string_view text) { wire_.send(sealed(text)); }
  std::string sealed(std::string_view text) {
    const crypto::Payload payload = keys_.encrypt(text).value();
    return envelope("encrypted", boost::json::serialize(boost::json::object{{"iv", payload.iv}, {"ct", payload.ct}}));
  }
  /// The next message, opened.
  std::string next() { return opened(wire_.expect("encrypted")); }
  std::string opened(std::string_view event) {
    const boost::json::value read = boost::json::parse(boost::json::string_view(event));
    const auto& data = read.at("data");
    const auto text = keys_.decrypt({std::string(data.at("iv").as_string()), std::string(data.at("ct").as_string())});
    if (!text) throw std::runtime_error("a message does not open: " + std::string(event));
    return *text;
  }
  void join(std::string_view room) {
    send(envelope("join", R"({"rooms":[")" + std::string(room) + R"("]})", "join"));
    const std::string answer = next();
    if (event_of(answer) != "ack") throw std::runtime_error("not joined: " + answer);
  }

  TestClient& wire() { return wire_; }
  const boost::json::object& connected() const { return connected_; }
  std::string id() const { return std::string(connected_.at("id").as_string()); }

 private:
  TestClient wire_;
  crypto::EcdhSession keys_ = crypto::EcdhSession::generate();
  boost::json::object connected_;
};

}  // namespace hearth::test
