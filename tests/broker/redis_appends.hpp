#pragma once

#include "broker/history_probe.hpp"
#include "hearth/redis_broker.hpp"
#include "support/redis_server.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::test {

/// A broker that notices soon when its Redis is gone, and is back soon.
inline std::shared_ptr<Broker> quick_broker(std::uint16_t port) {
  RedisOptions options = RedisOptions::from_url("redis://127.0.0.1:" + std::to_string(port));
  options.backoff_min = std::chrono::milliseconds(2);
  options.backoff_max = std::chrono::milliseconds(20);
  return make_redis_broker(options);
}

/// Appends the numbers from 1 on to a room, without waiting for answers, and keeps those.
class Appends {
 public:
  Appends(const HistoryProbe& by, std::string room) : by_(by), room_(std::move(room)) {}

  /// So many more.
  void add(int count) {
    for (int i = 0; i < count; ++i) {
      const std::size_t index = added_++;
      const std::string number = std::to_string(added_);
      const auto keep = [answers = answers_, index](Result<Appended> answer) {
        const std::lock_guard lock(answers->mutex);
        answers->found.resize(std::max(answers->found.size(), index + 1));
        answers->found[index] = std::move(answer);
        ++answers->count;
      };
      by_.history().append({.room = room_, .event = "n", .data = JsonView::trusted(number)}, HistoryProbe::kKeepAll, {},
                           keep);
    }
  }
  std::size_t answered() const {
    const std::lock_guard lock(answers_->mutex);
    return answers_->count;
  }
  /// In the order asked, when all are there.
  std::vector<Result<Appended>> results() const {
    eventually("all appends to be answered", [&] { return answered() == added_; });
    std::vector<Result<Appended>> all;
    for (const auto& one : answers_->found) all.push_back(one.value());
    return all;
  }

 private:
  struct Answers {
    std::mutex mutex;
    std::vector<std::optional<Result<Appended>>> found;
    std::size_t count = 0;
  };

  const HistoryProbe& by_;
  const std::string room_;
  const std::shared_ptr<Answers> answers_ = std::make_shared<Answers>();
  std::size_t added_ = 0;
};

/// The numbers in a log, of at most 1,000.
inline std::vector<int> numbers_in_log(const HistoryProbe& probe, std::string_view room) {
  std::vector<int> numbers;
  for (const auto& publication : probe.read(room).value().publications) {
    numbers.push_back(std::stoi(std::string(publication->data().text())));
  }
  return numbers;
}

inline std::vector<int> up_to(int last) {
  std::vector<int> numbers;
  for (int n = 1; n <= last; ++n) numbers.push_back(n);
  return numbers;
}

}  // namespace hearth::test
