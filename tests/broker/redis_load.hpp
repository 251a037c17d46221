#pragma once

#include "broker/probe.hpp"
#include "hearth/redis_broker.hpp"
#include "support/redis_server.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace hearth::test {

/// A broker that notices soon when the server is gone.
inline std::shared_ptr<Broker> broker_for(const RedisServer& server, std::string_view options = {}) {
  return make_redis_broker(server.url() + "?dead_peer_timeout=900" + std::string(options));
}

inline void await_ready(const Probe& probe) {
  eventually("the broker to be ready", [&] { return probe->state() == BrokerState::ready; });
}
inline void await_degraded(const Probe& probe) {
  eventually("the broker to be degraded", [&] { return probe->state() == BrokerState::degraded; });
}

/// The numbers at the ends of the messages `room r n <number>`.
inline std::vector<int> numbers(const Probe& probe) {
  std::vector<int> found;
  for (const std::string& text : probe.taken()) {
    const std::string_view number = std::string_view(text).substr(text.rfind(' ') + 1);
    found.push_back(0);
    std::from_chars(number.data(), number.data() + number.size(), found.back());
  }
  return found;
}

inline bool rises_strictly(const std::vector<int>& numbers) {
  return std::adjacent_find(numbers.begin(), numbers.end(), std::greater_equal<>()) == numbers.end();
}

/// Publishes numbers to the room `r` until it is told to stop.
class Load {
 public:
  explicit Load(const Probe& probe)
      : thread_([this, &probe] {
          while (!stop_) {
            probe.publish(room("r"), "n", std::to_string(++published_));
            if (published_ % 50 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
          }
        }) {}
  ~Load() { stop(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  int stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    return published_;
  }
  int published() const { return published_; }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<int> published_{0};
  std::thread thread_;
};

/// Both brokers are whole: what one publishes to any room that the other wants comes through.
inline void expect_whole(const Probe& from, const Probe& to) {
  await_ready(from);
  await_ready(to);
  from.flush_to(to);
}

}  // namespace hearth::test
