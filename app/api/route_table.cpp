#include "api/handlers.hpp"
#include "api/route.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::app {

namespace {

using enum ApiAccess;

constexpr std::array kRoutes{
    ApiRoute{"GET", "/livez", everybody, &routes::livez, "livez", "Whether the process answers", "Empty"},
    ApiRoute{"GET", "/healthz", everybody, &routes::healthz, "healthz", "Whether every shard answers", "Health"},
    ApiRoute{"GET", "/readyz", everybody, &routes::readyz, "readyz", "Whether this instance should be sent clients",
             "Readiness"},
    ApiRoute{"GET", "/metrics", everybody, &routes::metrics, "metrics", "Metrics for Prometheus", "Metrics"},
    ApiRoute{"GET", "/api/openapi.json", everybody, &routes::openapi, "openapi", "This document", "Document"},
    ApiRoute{"POST", "/api/publish", publish, &routes::publish, "publish", "Send to clients of every instance", "Done",
             "Publish"},
    ApiRoute{"POST", "/api/batch", any_key, &routes::batch, "batch", "Many requests at once, in order", "BatchResults",
             "Batch"},
    ApiRoute{"POST", "/api/disconnect", control, &routes::disconnect, "disconnect", "Close clients", "Done",
             "Disconnect"},
    ApiRoute{"POST", "/api/join", control, &routes::join, "join", "Put clients in rooms", "Done", "Membership"},
    ApiRoute{"POST", "/api/leave", control, &routes::leave, "leave", "Take clients out of rooms", "Done", "Membership"},
    ApiRoute{"POST", "/api/block", control, &routes::block, "block", "Keep a user or a token out for a while", "Done",
             "Block"},
    ApiRoute{"POST", "/api/unblock", control, &routes::unblock, "unblock", "Let them in again", "Done", "Unblock"},
    ApiRoute{"POST",
             "/api/drain",
             control,
             &routes::drain,
             "drain",
             "Send the clients of this instance away and end",
             "Draining",
             "Nothing",
             {},
             202},
    ApiRoute{"POST", "/api/reload", control, &routes::reload, "reload", "Read the configuration anew", "Reloaded",
             "Nothing"},
    ApiRoute{
        "GET", "/api/blocks", read, &routes::blocks, "blocks", "Blocks that have not ended", "Blocks", {}, "scope"},
    ApiRoute{
        "GET", "/api/info", read, &routes::info, "info", "What this instance is and counts", "Instance", {}, "scope"},
    ApiRoute{"GET",
             "/api/clients",
             read,
             &routes::clients,
             "listClients",
             "Clients of this instance",
             "Clients",
             {},
             "limit after user room address state"},
    ApiRoute{"GET",
             "/api/clients/{id}",
             read,
             &routes::client,
             "getClient",
             "A client of this instance",
             "Client",
             {},
             "scope"},
    ApiRoute{"GET", "/api/users/{id}", read, &routes::user, "getUser", "The clients of a user", "User", {}, "scope"},
    ApiRoute{"GET",
             "/api/rooms",
             read,
             &routes::rooms,
             "listRooms",
             "Rooms that somebody is in",
             "Rooms",
             {},
             "limit after prefix user"},
    ApiRoute{"GET",
             "/api/rooms/{room}",
             read,
             &routes::room,
             "getRoom",
             "A room, and who is in it",
             "Room",
             {},
             "limit after scope"},
    ApiRoute{"GET",
             "/api/rooms/{room}/history",
             read,
             &routes::history,
             "getHistory",
             "What a room that remembers has kept",
             "History",
             {},
             "limit after before"},
    ApiRoute{"DELETE", "/api/rooms/{room}/history", control, &routes::erase_history, "eraseHistory",
             "Forget what a room has kept", "Done"},
    ApiRoute{"GET",
             "/api/rooms/{room}/presence",
             read,
             &routes::presence,
             "getPresence",
             "Who is in a room whose rule has presence, on all instances",
             "Presence",
             {},
             "limit after"},
    ApiRoute{"GET", "/api/top", read, &routes::top, "top", "The busiest rooms and clients", "Top", {}, "by limit"},
    ApiRoute{"GET", "/api/live", read, &routes::live, "live", "A sample of this instance a second", "Stream"},
    ApiRoute{"GET", "/api/samples", read, &routes::samples, "samples", "The samples of the last five minutes",
             "Samples"},
    ApiRoute{"GET",
             "/api/watch",
             read,
             &routes::watch,
             "watch",
             "What is published in a room from now on",
             "Stream",
             {},
             "room"},
    ApiRoute{"GET", "/api/config", read, &routes::configuration, "configuration", "The values that hold", "Values"},
    ApiRoute{"POST", "/api/rules/test", read, &routes::test_rules, "testRules", "What the rules say of somebody",
             "RuleAnswer", "RuleQuestion"},
    ApiRoute{"GET", "/api/session", everybody, &routes::session, "session", "Who is signed in, and may do what",
             "Session"},
    ApiRoute{"POST", "/api/session", everybody, &routes::sign_in, "signIn", "Begin a session with a key", "Session",
             "SignIn"},
    ApiRoute{"DELETE", "/api/session", everybody, &routes::sign_out, "signOut", "End the session", "Empty"},
};

constexpr bool has_parameter(std::string_view path) { return path.find('{') != std::string_view::npos; }

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::span<const ApiRoute> api_routes() noexcept { return kRoutes; }

std::optional<std::string> match(const ApiRoute& route, std::string_view path) {
  if (!has_parameter(route.path)) return route.path == path ? std::optional<std::string>(std::string()) : std::nullopt;
  const std::string_view before = route.path.substr(0, route.path.find('{'));
  const std::string_view after = route.path.substr(route.path.find('}') + 1);
  if (path.size() < before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after)) {
    return std::nullopt;
  }
  const std::string_view name = path.substr(before.size(), path.size() - before.size() - after.size());
  if (name.empty() || name.find('/') != std::string_view::npos) return std::nullopt;
  return decoded(name);
}

std::optional<std::string> decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    plain += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return plain;
}

}  // namespace hearth::app
