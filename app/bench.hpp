#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hearth::app {

/// What `hearth bench` was told on the command line. Numbers below 0 were not given: the scenario decides.
struct BenchArguments {
  std::string scenario;
  std::string url{"ws://127.0.0.1:8080/ws"};
  std::int64_t clients = -1;
  unsigned threads = 1;
  std::int64_t window = -1;
  double rate = 0;
  std::size_t bytes = 64;
  double duration = 10;  ///< seconds
  std::int64_t messages = -1;
  double warm_up = 2;  ///< seconds
  std::int64_t rooms = -1;
  std::int64_t members = -1;
  double zipf = -1;
  double churn = -1;
  double reconnects = -1;
  bool encrypt = false;
  bool deflate = false;
  std::string token;
  std::string send{"publish"};
  std::string via{"client"};
  std::string redis;
  int pid = 0;
  bool json = false;
};

/// The names of the scenarios.
const std::vector<std::string>& bench_scenarios();

/// Runs a load and prints what came of it. Returns the exit code: 0, 1 if something was missing, doubled, out of order
/// or failed, 2 if the arguments make no sense. Throws std::runtime_error if there was nothing to measure.
int bench(const BenchArguments& arguments);

}  // namespace hearth::app
