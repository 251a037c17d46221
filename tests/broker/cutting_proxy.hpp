#pragma once

#include "support/socket.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace hearth::test {

/// Stands between a program and a server on this machine, and passes everything on; once told to, breaks off in the
/// middle of a question or of its answer.
class CuttingProxy {
 public:
  struct Cut {
    std::string mark;        ///< the next question that this stands in
    bool in_answer = false;  ///< the question goes through, and its answer is cut
    std::size_t bytes = 0;   ///< so many of it arrive
  };

  explicit CuttingProxy(std::uint16_t server);
  ~CuttingProxy();
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  std::uint16_t port() const { return listener_.port; }
  void plan(Cut cut);
  /// Whether the last one planned has been made.
  bool has_cut() const;

 private:
  struct Pair;

  void run();
  bool pass_questions(Pair& pair);
  bool pass_answers(Pair& pair);

  const std::uint16_t server_;
  const LoopbackListener listener_;
  mutable std::mutex mutex_;
  std::optional<Cut> cut_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace hearth::test
