#pragma once

#include "support/socket.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace hearth::test {

/// Stands between a program and a server on this machine, and passes on a few bytes at a time, with pauses.
class TrickleProxy {
 public:
  /// With `answer`, there is no server: that is all anybody gets.
  explicit TrickleProxy(std::uint16_t server, std::string answer = {});
  ~TrickleProxy();
  TrickleProxy(const TrickleProxy&) = delete;
  TrickleProxy& operator=(const TrickleProxy&) = delete;

  std::uint16_t port() const { return listener_.port; }

 private:
  struct Pair;
  void run();

  const std::uint16_t server_;
  const std::string answer_;
  const LoopbackListener listener_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace hearth::test
