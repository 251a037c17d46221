#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hearth::app {

/// What `hearth bench` was told on the command line. What was not given, the scenario decides.
struct BenchArguments {
  std::string scenario;
  std::string url{"ws://127.0.0.1:8080/ws"};
  std::optional<std::int64_t> clients;
  std::int64_t threads = 1;
  std::optional<std::int64_t> window;
  std::optional<double> rate;
  std::int64_t bytes = 64;
  double duration = 10;  ///< seconds
  std::optional<std::int64_t> messages;
  double warm_up = 2;  ///< seconds
  std::optional<std::int64_t> rooms;
  std::optional<std::int64_t> members;
  std::optional<double> zipf;
  std::optional<double> churn;
  std::optional<double> reconnects;
  bool encrypt = false;
  bool deflate = false;
  std::string token;
  std::string send{"publish"};
  std::string via{"client"};
  std::string redis;
  std::optional<std::int64_t> pid;
  bool json = false;
};

/// The names of the scenarios.
const std::vector<std::string>& bench_scenarios();

/// Runs a load and prints what came of it. Returns the exit code: 0, 1 if something was missing, doubled, out of order
/// or failed, 2 if the arguments make no sense. Throws std::runtime_error if there was nothing to measure.
int bench(const BenchArguments& arguments);

}  // namespace hearth::app
