#include "load/results.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <utility>
#include <vector>

namespace hearth::load {

namespace {

constexpr double kMicrosecond = 1e3;
constexpr double kNanosecondsASecond = 1e9;
constexpr std::size_t kBarLength = 50;

double micros(double nanoseconds) { return nanoseconds / kMicrosecond; }
double micros(std::uint64_t nanoseconds) { return micros(static_cast<double>(nanoseconds)); }
double seconds(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / kNanosecondsASecond; }
double each(double sum, std::uint64_t count) { return count == 0 ? 0 : sum / static_cast<double>(count); }
double a_second(std::uint64_t count, std::uint64_t duration) {
  return duration == 0 ? 0 : static_cast<double>(count) / seconds(duration);
}

boost::json::object latency_json(const Histogram& times) {
  return {{"mean", micros(times.mean())},           {"p50", micros(times.quantile(0.5))},
          {"p90", micros(times.quantile(0.9))},     {"p99", micros(times.quantile(0.99))},
          {"p99_9", micros(times.quantile(0.999))}, {"max", micros(times.max())}};
}

boost::json::value server_json(const Results& results) {
  if (!results.cpu_time) return nullptr;
  return boost::json::object{
      {"cpu_us_per_delivery", each(micros(*results.cpu_time), results.deliveries)},
      {"cpu_s", seconds(*results.cpu_time)},
      {"rss_bytes", *results.resident},
      {"rss_bytes_per_client", each(static_cast<double>(*results.memory_grown), results.clients)}};
}

std::string time_text(double microseconds) {
  if (microseconds < 1000) return fmt::format("{:.0f} us", microseconds);
  if (microseconds < 1e6) return fmt::format("{:.2f} ms", microseconds / 1e3);
  return fmt::format("{:.2f} s", microseconds / 1e6);
}

std::string latency_text(const Histogram& times) {
  std::string text;
  const std::vector<std::pair<const char*, double>> shares{{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}};
  for (const auto& [name, share] : shares) {
    text += fmt::format("{} {}   ", name, time_text(micros(times.quantile(share))));
  }
  return text + fmt::format("max {}", time_text(micros(times.max())));
}

// A line for each doubling of the time.
void print_picture(std::ostream& out, const Histogram& times) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> lines;
  std::uint64_t most = 1;
  for (std::uint64_t from = 1; from <= times.max() && from != 0; from *= 2) {
    const std::uint64_t count = times.between(from, from * 2);
    if (lines.empty() && count == 0) continue;
    lines.emplace_back(from * 2, count);
    most = std::max(most, count);
  }
  for (const auto& [until, count] : lines) {
    const auto length = static_cast<std::size_t>(static_cast<double>(count) / static_cast<double>(most) *
                                                 static_cast<double>(kBarLength));
    out << fmt::format("  < {:>9}  {:>11}  {}\n", time_text(micros(until)), count, std::string(length, '#'));
  }
}

void print_row(std::ostream& out, const char* name, const std::string& value) {
  out << fmt::format("{:<14}{}\n", name, value);
}

void print_traffic(std::ostream& out, const Results& results) {
  print_row(
      out, "sent",
      fmt::format("{} messages, {:.0f} a second", results.messages, a_second(results.messages, results.duration)));
  print_row(
      out, "delivered",
      fmt::format("{} messages, {:.0f} a second", results.deliveries, a_second(results.deliveries, results.duration)));
  print_row(out, "latency", latency_text(results.latencies));
  print_picture(out, results.latencies);
}

void print_return(std::ostream& out, const Plan& plan, const Results& results) {
  print_row(out, "missed", fmt::format("{} messages in each of {} rooms, by each client", plan.missed, plan.rooms));
  print_row(out, "back",
            fmt::format("{:.0f} clients a second; {}", a_second(results.return_times.count(), results.duration),
                        latency_text(results.return_times)));
  print_row(
      out, "delivered",
      fmt::format("{} messages, {:.0f} a second", results.deliveries, a_second(results.deliveries, results.duration)));
  print_picture(out, results.return_times);
}

std::string cpu_text(const Plan& plan, const Results& results) {
  const std::string all = fmt::format("{:.2f} s", seconds(*results.cpu_time));
  if (plan.scenario == Scenario::recover) {
    return fmt::format("{:.1f} us a client to come back ({})",
                       each(micros(*results.cpu_time), results.return_times.count()), all);
  }
  if (!plan.has_traffic()) return all + " in that time";
  return fmt::format("{:.2f} us a delivery ({})", each(micros(*results.cpu_time), results.deliveries), all);
}

}  // namespace

const char* name_of(Scenario scenario) noexcept {
  switch (scenario) {
    case Scenario::connect:
      return "connect";
    case Scenario::echo:
      return "echo";
    case Scenario::fanout:
      return "fanout";
    case Scenario::rooms:
      return "rooms";
    case Scenario::mixed:
      return "mixed";
    case Scenario::idle:
      return "idle";
    case Scenario::recover:
      return "recover";
  }
  return "";
}

void print_table(std::ostream& out, const Plan& plan, const Results& results) {
  print_row(out, "scenario",
            fmt::format("{} at {}, {} clients, {:.1f} s{}{}", name_of(plan.scenario), plan.url, plan.clients,
                        seconds(results.duration), plan.encrypt ? ", encrypted" : "",
                        results.interrupted ? " (interrupted)" : ""));
  print_row(
      out, "connected",
      fmt::format("{:.0f} clients a second; {}", a_second(results.connect_times.count(), results.connect_duration),
                  latency_text(results.connect_times)));
  if (plan.has_traffic()) print_traffic(out, results);
  if (plan.scenario == Scenario::recover) print_return(out, plan, results);
  if (results.cpu_time) {
    const std::string connecting = fmt::format("{:.1f} us a client to connect",
                                               each(micros(*results.connect_cpu_time), results.connect_times.count()));
    print_row(out, "server CPU", cpu_text(plan, results) + "; " + connecting);
    print_row(out, "server memory",
              fmt::format("{:.1f} MB, {:.0f} bytes a client", static_cast<double>(*results.resident) / 1e6,
                          each(static_cast<double>(*results.memory_grown), results.clients)));
  }
  print_row(
      out, "checked",
      fmt::format("{} missing, {} doubled, {} out of order, {} unexpected, {} errors", results.faults.missing,
                  results.faults.doubled, results.faults.out_of_order, results.faults.unexpected, results.errors));
  if (!results.first_error.empty()) print_row(out, "first error", results.first_error);
}

void print_json(std::ostream& out, const Plan& plan, const Results& results) {
  boost::json::object json{
      {"scenario", name_of(plan.scenario)},
      {"url", plan.url},
      {"clients", plan.clients},
      {"threads", plan.threads},
      {"window", plan.rate > 0 ? 0 : plan.window},
      {"rate", plan.rate},
      {"bytes", plan.bytes},
      {"encrypted", plan.encrypt},
      {"duration_s", seconds(results.duration)},
      {"messages", results.messages},
      {"deliveries", results.deliveries},
      {"deliveries_per_second", a_second(results.deliveries, results.duration)},
      {"latency_us", latency_json(results.latencies)},
      {"server", server_json(results)},
      {"errors", results.errors},
      {"first_error", results.first_error},
      {"missing", results.faults.missing},
      {"doubled", results.faults.doubled},
      {"out_of_order", results.faults.out_of_order},
      {"unexpected", results.faults.unexpected},
      {"interrupted", results.interrupted},
      {"connect",
       boost::json::object{
           {"clients_per_second", a_second(results.connect_times.count(), results.connect_duration)},
           {"server_cpu_us_per_client",
            results.connect_cpu_time ? each(micros(*results.connect_cpu_time), results.connect_times.count()) : 0},
           {"latency_us", latency_json(results.connect_times)}}}};
  if (plan.scenario == Scenario::recover) {
    json["back"] =
        boost::json::object{{"missed_per_room", plan.missed},
                            {"rooms", plan.rooms},
                            {"clients_per_second", a_second(results.return_times.count(), results.duration)},
                            {"server_cpu_us_per_client",
                             results.cpu_time ? each(micros(*results.cpu_time), results.return_times.count()) : 0},
                            {"latency_us", latency_json(results.return_times)}};
  }
  out << boost::json::serialize(json) << '\n';
}

}  // namespace hearth::load
