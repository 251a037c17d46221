#include "commands/commands.hpp"
#include "commands/server_call.hpp"
#include "hearth/json.hpp"
#include "usage_error.hpp"

#include <boost/json/serialize.hpp>

#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace hearth::app {

namespace {

struct PublishArguments {
  ServerFlags server{};
  std::vector<std::string> rooms{};
  std::vector<std::string> users{};
  std::string client{};
  bool all = false;
  std::string event{};
  std::optional<std::string> data{};
  std::vector<std::string> exclude{};
  std::string idempotency_key{};
};

void check(const PublishArguments& arguments) {
  const int targets = (arguments.rooms.empty() ? 0 : 1) + (arguments.users.empty() ? 0 : 1) +
                      (arguments.client.empty() ? 0 : 1) + (arguments.all ? 1 : 0);
  if (targets != 1) throw UsageError("give one of --room, --user, --client and --all");
  if (!arguments.data) return;
  try {
    static_cast<void>(Json(*arguments.data));
  } catch (const std::invalid_argument&) {
    throw UsageError("`" + *arguments.data +
                     "` is not valid JSON; a text stands in quotation marks, as in '\"hello\"'");
  }
}

/// The data goes out as it was given, byte for byte.
std::string body_of(const PublishArguments& arguments) {
  boost::json::object body{{"event", arguments.event}};
  if (!arguments.rooms.empty()) body["rooms"] = json_of(arguments.rooms);
  if (!arguments.users.empty()) body["users"] = json_of(arguments.users);
  if (!arguments.client.empty()) body["client"] = arguments.client;
  if (arguments.all) body["all"] = true;
  if (!arguments.exclude.empty()) body["exclude"] = json_of(arguments.exclude);
  if (!arguments.idempotency_key.empty()) body["idempotencyKey"] = arguments.idempotency_key;
  std::string text = boost::json::serialize(body);
  if (arguments.data) text.insert(text.size() - 1, ",\"data\":" + *arguments.data);
  return text;
}

int run_publish(const PublishArguments& arguments) {
  return run_against_server("publish", [&] {
    check(arguments);
    const ApiClient server =
        find_server(arguments.server, {"publish", arguments.rooms, /*is_for_rooms_alone=*/!arguments.rooms.empty()});
    return exit_code_of("publish", server.ask("POST", "/api/publish", body_of(arguments)));
  });
}

void describe(CLI::App& publish, PublishArguments& arguments) {
  publish.add_option("event", arguments.event, "The event")->required();
  publish.add_option("data", arguments.data, "Its data as JSON, if any")->type_name("JSON");
  publish.add_option("--room", arguments.rooms, "To this room; may be repeated")->allow_extra_args(false);
  publish.add_option("--user", arguments.users, "To this user; may be repeated")->allow_extra_args(false);
  publish.add_option("--client", arguments.client, "To the client with this id");
  publish.add_flag("--all", arguments.all, "To everybody");
  publish.add_option("--exclude", arguments.exclude, "Client that gets nothing; may be repeated")
      ->allow_extra_args(false);
  publish.add_option("--idempotency-key", arguments.idempotency_key,
                     "A second one with the same key within 5 minutes sends nothing");
  add_server_flags(publish, arguments.server);
  publish.footer(R"(Examples:
  hearth publish --room news:today story '{"title":"Hello"}'
  hearth publish --all maintenance
Exit code: 0 if the server has taken it, 1 if not, 2 if the arguments or the configuration are wrong.)");
}

}  // namespace

void add_publish(CommandList& commands) {
  commands.add<PublishArguments>("publish", "Send to clients, through a running server", describe, run_publish);
}

}  // namespace hearth::app
