#include "commands/commands.hpp"
#include "commands/server_call.hpp"
#include "config/units.hpp"
#include "usage_error.hpp"

#include <fmt/format.h>
#include <CLI/Validators.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace hearth::app {

namespace {

using Clock = std::chrono::steady_clock;

struct TopArguments {
  ServerFlags server{};
  std::string interval{"1s"};
  unsigned count = 10;
  bool once = false;
  bool json = false;
};

constexpr std::array<std::string_view, 3> kCounters{"messagesReceived", "messagesSent", "messagesDropped"};

/// What a server says at a moment.
struct Sample {
  Clock::time_point at;
  boost::json::object instance;
  boost::json::array members;   ///< rooms that most are in
  boost::json::array messages;  ///< rooms with most messages a second
  boost::json::array slowest;   ///< clients for whom most bytes wait
};

boost::json::object object_of(const ApiReply& reply) {
  const boost::json::value body = boost::json::parse(reply.body);
  if (reply.status == 200 && body.is_object()) return body.get_object();
  const auto* detail = body.is_object() ? body.get_object().if_contains("detail") : nullptr;
  throw std::runtime_error("the server answered with status " + std::to_string(reply.status) +
                           (detail != nullptr && detail->is_string() ? ": " + std::string(detail->get_string()) : ""));
}

boost::json::array busiest(const ApiClient& server, std::string_view by, unsigned count) {
  const std::string path = "/api/top?by=" + std::string(by) + "&limit=" + std::to_string(count);
  return object_of(server.ask("GET", path)).at("top").as_array();
}

Sample take(const ApiClient& server, unsigned count) {
  Sample sample;
  sample.instance = object_of(server.ask("GET", "/api/info"));
  sample.at = Clock::now();
  sample.members = busiest(server, "rooms.members", count);
  sample.messages = busiest(server, "rooms.messages", count);
  sample.slowest = busiest(server, "clients.backlog", count);
  return sample;
}

double number(const boost::json::object& object, std::string_view member) {
  const auto* value = object.if_contains(member);
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

/// Of a counter, a second. A server that was started anew counts from 0.
double rate(const Sample& before, const Sample& now, std::string_view counter) {
  const double seconds = std::chrono::duration<double>(now.at - before.at).count();
  return std::max(0.0, number(now.instance, counter) - number(before.instance, counter)) / seconds;
}

boost::json::object json_of(const Sample& before, const Sample& now) {
  boost::json::object rates;
  for (const std::string_view counter : kCounters) rates[counter] = rate(before, now, counter);
  return {{"instance", now.instance},
          {"perSecond", std::move(rates)},
          {"roomsByMembers", now.members},
          {"roomsByMessages", now.messages},
          {"slowestClients", now.slowest}};
}

/// What comes from clients must not move the cursor.
std::string shown(const boost::json::value& name) {
  const std::string text = boost::json::serialize(name);
  std::string plain;
  for (const char c : text) plain += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return plain;
}

std::string table(std::string_view title, std::string_view of, const boost::json::array& entries) {
  std::string text = fmt::format("\n{}\n", title);
  for (const auto& entry : entries) {
    const auto& object = entry.get_object();
    text += fmt::format("  {:>12.0f}  {}\n", number(object, "value"), shown(object.at(of)));
  }
  return entries.empty() ? text + "  none\n" : text;
}

std::string text_of(const Sample& before, const Sample& now) {
  const boost::json::object& instance = now.instance;
  std::string text = fmt::format("{}  hearth {}  clients {:.0f}  connections {:.0f}\n", shown(instance.at("name")),
                                 std::string_view(instance.at("version").as_string()), number(instance, "clients"),
                                 number(instance, "connections"));
  text += fmt::format("messages a second: in {:.1f}  out {:.1f}  dropped {:.1f}\n", rate(before, now, kCounters[0]),
                      rate(before, now, kCounters[1]), rate(before, now, kCounters[2]));
  return text + table("Rooms by members", "room", now.members) +
         table("Rooms by messages a second", "room", now.messages) +
         table("Clients by bytes that wait for them", "client", now.slowest);
}

void print(const TopArguments& arguments, const Sample& before, const Sample& now) {
  constexpr std::string_view kClear = "\033[H\033[2J";
  if (arguments.json) {
    std::cout << boost::json::serialize(json_of(before, now)) << std::endl;
  } else {
    const bool redraws = !arguments.once && ::isatty(STDOUT_FILENO) != 0;
    std::cout << (redraws ? kClear : "") << text_of(before, now) << std::flush;
  }
}

int run_top(const TopArguments& arguments) {
  return run_against_server("top", [&] {
    const auto interval = config::parse_duration(arguments.interval);
    if (!interval || *interval < std::chrono::milliseconds(100)) {
      throw UsageError("--interval is `" + arguments.interval + "`; give a duration from 100ms up");
    }
    const ApiClient server = find_server(arguments.server, {"read"});
    for (Sample before = take(server, arguments.count);;) {
      std::this_thread::sleep_for(*interval);
      Sample now = take(server, arguments.count);
      print(arguments, before, now);
      if (arguments.once || !std::cout) return 0;
      before = std::move(now);
    }
  });
}

void describe(CLI::App& top, TopArguments& arguments) {
  top.add_option("--interval", arguments.interval, "Time between two looks, over which rates are taken")
      ->capture_default_str();
  top.add_option("--count", arguments.count, "Rooms and clients of each list, 1 to 256")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
  top.add_flag("--once", arguments.once, "Show it once, and end");
  top.add_flag("--json", arguments.json, "As JSON, a line each time");
  add_server_flags(top, arguments.server);
  top.footer("Example:\n  hearth top --once --json");
}

}  // namespace

void add_top(CommandList& commands) {
  commands.add<TopArguments>("top", "Show what a running server is busy with", describe, run_top);
}

}  // namespace hearth::app
