// Commands that change who is connected to a running server.

#include "commands/commands.hpp"
#include "commands/server_call.hpp"
#include "usage_error.hpp"

#include <boost/json/serialize.hpp>

#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::app {

namespace {

struct DisconnectArguments {
  ServerFlags server{};
  std::string client{};
  std::string user{};
  std::optional<std::int64_t> code{};
  std::string reason{};
  std::vector<std::string> except{};
};

struct BlockArguments {
  ServerFlags server{};
  std::string user{};
  std::string token{};
  std::string duration{};
  std::string until{};
  std::string issued_before{};
};

struct DrainArguments {
  ServerFlags server{};
};

void put(boost::json::object& body, std::string_view member, const std::string& text) {
  if (!text.empty()) body[member] = text;
}

void expect_one(const std::string& one, const std::string& other, const std::string& names) {
  if (one.empty() == other.empty()) throw UsageError("give one of " + names);
}

int control(std::string_view command, const ServerFlags& flags, const boost::json::object& body) {
  const ApiClient server = find_server(flags, {"control"});
  return exit_code_of(command, server.ask("POST", "/api/" + std::string(command), boost::json::serialize(body)));
}

int run_disconnect(const DisconnectArguments& arguments) {
  return run_against_server("disconnect", [&] {
    expect_one(arguments.client, arguments.user, "--client and --user");
    boost::json::object body;
    put(body, "client", arguments.client);
    put(body, "user", arguments.user);
    put(body, "reason", arguments.reason);
    if (arguments.code) body["code"] = *arguments.code;
    if (!arguments.except.empty()) body["except"] = json_of(arguments.except);
    return control("disconnect", arguments.server, body);
  });
}

int run_block(const BlockArguments& arguments) {
  return run_against_server("block", [&] {
    expect_one(arguments.user, arguments.token, "--user and --token");
    expect_one(arguments.duration, arguments.until, "--for and --until");
    boost::json::object body;
    put(body, "user", arguments.user);
    put(body, "token", arguments.token);
    put(body, "for", arguments.duration);
    put(body, "until", arguments.until);
    put(body, "issuedBefore", arguments.issued_before);
    return control("block", arguments.server, body);
  });
}

int run_unblock(const BlockArguments& arguments) {
  return run_against_server("unblock", [&] {
    expect_one(arguments.user, arguments.token, "--user and --token");
    boost::json::object body;
    put(body, "user", arguments.user);
    put(body, "token", arguments.token);
    return control("unblock", arguments.server, body);
  });
}

int run_drain(const DrainArguments& arguments) {
  return run_against_server("drain", [&] {
    const int code = control("drain", arguments.server, {});
    if (code == 0) std::cout << "the server drains, and ends when its clients have gone\n";
    return code;
  });
}

void describe_disconnect(CLI::App& disconnect, DisconnectArguments& arguments) {
  disconnect.add_option("--client", arguments.client, "The client with this id");
  disconnect.add_option("--user", arguments.user, "Every client of this user");
  disconnect.add_option("--code", arguments.code, "Close code; 4010 otherwise");
  disconnect.add_option("--reason", arguments.reason, "Reason that clients are told; Disconnected otherwise");
  disconnect.add_option("--except", arguments.except, "Client that stays; may be repeated")->allow_extra_args(false);
  add_server_flags(disconnect, arguments.server);
  disconnect.footer("Example:\n  hearth disconnect --user ann --reason 'Logged out'");
}

void describe_block(CLI::App& block, BlockArguments& arguments) {
  block.add_option("--user", arguments.user, "Whoever is this user");
  block.add_option("--token", arguments.token, "Whoever comes with the token that has this jti");
  block.add_option("--for", arguments.duration, "How long: 30m, 12h, 7d; at most 400 days")->type_name("DURATION");
  block.add_option("--until", arguments.until, "Until when, in UTC: 2026-11-25T18:00:00Z")->type_name("TIME");
  block.add_option("--issued-before", arguments.issued_before, "With --user: only tokens issued before this time")
      ->type_name("TIME");
  add_server_flags(block, arguments.server);
  block.footer("Example:\n  hearth block --user mallory --for 30d");
}

void describe_unblock(CLI::App& unblock, BlockArguments& arguments) {
  unblock.add_option("--user", arguments.user, "The user who was blocked");
  unblock.add_option("--token", arguments.token, "The jti of the token that was blocked");
  add_server_flags(unblock, arguments.server);
}

void describe_drain(CLI::App& drain, DrainArguments& arguments) { add_server_flags(drain, arguments.server); }

}  // namespace

void add_control(CommandList& commands) {
  commands.add<DisconnectArguments>("disconnect", "Close clients, on every instance", describe_disconnect,
                                    run_disconnect);
  commands.add<BlockArguments>("block", "Keep a user or a token out for a while", describe_block, run_block);
  commands.add<BlockArguments>("unblock", "Let them in again", describe_unblock, run_unblock);
  commands.add<DrainArguments>("drain", "Have a server send its clients elsewhere and end", describe_drain, run_drain);
}

}  // namespace hearth::app
