// A guarded server: TLS, signed tokens, rules for rooms, limits. Who has no token signed with the secret gets nowhere.
//
//   JWT_SECRET=… guarded port certificate.pem key.pem
//
// Each user has a room `user:NAME` of its own, all may listen to `news:…`, and those whose token has a claim `team` may
// talk to each other in `team:NAME`.

#include "hearth/jwt.hpp"
#include "hearth/room_rules.hpp"
#include "hearth/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using Claims = boost::json::object;
using Outcome = hearth::RoomDecision::Outcome;

hearth::AuthenticateResult verify(const hearth::JwtVerifier& verifier, const hearth::AuthenticateRequest& request) {
  const auto token = request.data.member("token");
  const auto text = token ? token->string() : std::nullopt;
  if (!text) return std::nullopt;
  hearth::JwtResult jwt = verifier.verify(*text);
  if (!jwt && jwt.error().reason == hearth::JwtReason::expired) throw hearth::TokenExpired();
  if (!jwt) return std::nullopt;
  hearth::Identity identity{.user_id = jwt->user_id, .rooms = {"user:" + jwt->user_id}};
  if (jwt->expires_at) identity.expires_at = *jwt->expires_at;
  identity.context = std::make_shared<const Claims>(std::move(jwt->claims));  // for the rules
  return identity;
}

template <class Request>
hearth::ClientView view_of(const Request& request) {
  hearth::ClientView client{.client_id = request.client_id, .user_id = request.user_id};
  client.claims = static_cast<const Claims*>(request.context.get());
  return client;
}

hearth::Options options_of(const std::vector<std::string>& arguments) {
  const char* secret = std::getenv("JWT_SECRET");
  if (secret == nullptr) throw std::invalid_argument("JWT_SECRET is not set; give what tokens are signed with");
  const auto verifier = std::make_shared<const hearth::JwtVerifier>(
      std::vector{hearth::JwtIssuer{.secret = {secret}, .algorithms = {hearth::JwtAlgorithm::hs256}}});
  const hearth::RoomRules rules({
      {.pattern = {"user:{user}"}, .join = {"users"}},
      {.pattern = {"news:*"}, .join = {"users"}},
      {.pattern = {"team:{claim:team}"}, .join = {"users"}, .publish = {"members"}},
  });

  hearth::Options options;
  options.identifier = "guarded";
  options.listen = {"127.0.0.1:" + arguments[0]};
  options.tls = hearth::TlsOptions{.certificates = {{arguments[1], arguments[2]}}};
  options.limits = {.connections_per_ip = 64, .messages = hearth::Rate{50, std::chrono::seconds(1), 200}};
  options.client_publish = true;
  options.authenticate = [verifier](const hearth::AuthenticateRequest& request) { return verify(*verifier, request); };
  options.validate_room = [rules](const hearth::ValidateRoomRequest& request) {
    std::vector<std::string> allowed;
    for (const std::string& room : request.rooms) {
      const auto decision = rules.decide(hearth::RoomAction::join, room, view_of(request));
      if (decision.outcome == Outcome::allowed) allowed.push_back(room);
    }
    return allowed;
  };
  options.publish = [rules](const hearth::PublishRequest& request) {
    hearth::ClientView client = view_of(request);
    client.is_member = request.is_member;
    client.event = request.event;
    const auto decision = rules.decide(hearth::RoomAction::publish, request.room, client);
    return decision.outcome == Outcome::allowed ? hearth::PublishDecision::allow() : hearth::PublishDecision::refuse();
  };
  return options;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() != 3) throw std::invalid_argument("usage: guarded port certificate.pem key.pem");
  boost::asio::io_context io;
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([](const boost::system::error_code&, int) {});
  hearth::Server server(options_of(arguments));
  server.start();
  std::cout << "listening on " << server.addresses().front() << std::endl;
  io.run();  // until a signal has come
  server.drain(std::chrono::seconds(0), std::chrono::seconds(1));
  server.shutdown();
  return 0;
} catch (const std::exception& error) {
  std::cerr << "guarded: " << error.what() << '\n';
  return 1;
}
