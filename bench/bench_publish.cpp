// How many publications a second one instance sends through Redis, and what they cost its process: `Server::send` to a
// room that is elsewhere, or the Emitter. Redis runs already; nothing but this should use it.

#include "hearth/emitter.hpp"
#include "hearth/redis_broker.hpp"
#include "hearth/server.hpp"

#include <sys/resource.h>

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace {

constexpr std::string_view kRoom = "elsewhere";
constexpr std::size_t kUnderWay = 8192;  // messages of the Emitter whose results are waited for

struct Arguments {
  std::string redis = "redis://127.0.0.1:6379";
  std::string by = "server";
  std::uint64_t messages = 500'000;
  std::size_t bytes = 64;
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Runs `publish`, which sends all messages and returns when Redis has confirmed them.
void measure(const Arguments& arguments, const std::function<void()>& publish) {
  const double cpu_before = cpu_seconds();
  const auto before = std::chrono::steady_clock::now();
  publish();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
  const auto messages = static_cast<double>(arguments.messages);
  std::cout << std::fixed << std::setprecision(0) << arguments.by << ": " << messages / took.count()
            << " publications a second, " << std::setprecision(2) << (cpu_seconds() - cpu_before) * 1e6 / messages
            << " us of CPU each\n";
}

// Waiting must cost nothing, for the process's CPU time is measured.
void pause() { std::this_thread::sleep_for(std::chrono::microseconds(100)); }

// What waits stays below its limit, so that nothing is dropped.
void publish_by_server(const Arguments& arguments, std::string_view data) {
  hearth::Options options;
  options.identifier = "bench_publish";
  options.listen = {"127.0.0.1:0"};
  options.threads = 1;
  options.log_level = hearth::LogLevel::warning;
  const auto redis = hearth::RedisOptions::from_url(arguments.redis);
  options.broker = hearth::make_redis_broker(redis);
  options.authenticate = [](const hearth::AuthenticateRequest&) -> hearth::AuthenticateResult { return std::nullopt; };
  hearth::Server server(std::move(options));
  server.start();
  measure(arguments, [&] {
    for (std::uint64_t sent = 0; sent < arguments.messages; ++sent) {
      while (server.broker_statistics().queued_bytes > redis.queue_limit / 2) pause();
      server.send(kRoom, "msg", hearth::JsonView::trusted(data));
    }
    while (server.broker_statistics().published < arguments.messages) pause();
  });
  if (server.broker_statistics().dropped > 0) throw std::runtime_error("messages were dropped");
  server.shutdown();
}

void publish_by_emitter(const Arguments& arguments, std::string_view data) {
  hearth::Emitter emitter(arguments.redis);
  emitter.wait_until_ready();
  std::deque<std::future<hearth::EmitResult>> under_way;
  const auto take = [&] {
    if (const auto result = under_way.front().get(); !result) throw std::runtime_error(result.error);
    under_way.pop_front();
  };
  measure(arguments, [&] {
    for (std::uint64_t sent = 0; sent < arguments.messages; ++sent) {
      if (under_way.size() == kUnderWay) take();
      under_way.push_back(emitter.to_room(kRoom, "msg", hearth::JsonView::trusted(data)));
    }
    while (!under_way.empty()) take();
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Publications through Redis: how many a second, and what they cost");
  Arguments arguments;
  app.add_option("--redis", arguments.redis, "URL of the Redis")->capture_default_str();
  app.add_option("--by", arguments.by, "Who publishes: server or emitter")
      ->capture_default_str()
      ->check(CLI::IsMember({"server", "emitter"}));
  app.add_option("--messages", arguments.messages, "How many")->capture_default_str();
  app.add_option("--bytes", arguments.bytes, "Size of a message's text")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    const std::string data = R"({"text":")" + std::string(arguments.bytes, 'x') + R"("})";
    (arguments.by == "server" ? publish_by_server : publish_by_emitter)(arguments, data);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench_publish: " << error.what() << '\n';
    return 1;
  }
}
