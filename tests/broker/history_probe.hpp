#pragma once

#include "hearth/broker.hpp"
#include "support/patience.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::test {

/// Asks a history and waits for the answer.
template <class T, class Ask>
Result<T> answer_to(Ask ask) {
  auto promise = std::make_shared<std::promise<Result<T>>>();
  auto future = promise->get_future();
  ask([promise](Result<T> result) { promise->set_value(std::move(result)); });
  if (future.wait_for(kPatience) != std::future_status::ready) throw std::runtime_error("no answer from the history");
  return future.get();
}

/// A broker with somebody behind it who appends, reads, and writes down which publications come.
class HistoryProbe final : public BrokerSink {
 public:
  explicit HistoryProbe(std::shared_ptr<Broker> its_broker) : broker_(std::move(its_broker)) {}
  ~HistoryProbe() override { broker_->stop(); }
  HistoryProbe(const HistoryProbe&) = delete;
  HistoryProbe& operator=(const HistoryProbe&) = delete;

  HistoryProbe& start() {
    broker_->start(*this);
    return *this;
  }
  Broker& broker() const { return *broker_; }
  History& history() const { return *broker_->history(); }

  static constexpr Retention kKeepAll{1000, std::chrono::minutes(10)};

  Result<Appended> append(const Publication& publication, std::string_view key = {},
                          const Retention& retention = kKeepAll) const {
    return answer_to<Appended>([&](auto done) { history().append(publication, retention, key, std::move(done)); });
  }
  Result<Appended> append(std::string_view room, std::string_view event, std::string_view key = {}) const {
    return append({.room = room, .event = event}, key);
  }
  Result<LogPage> read(std::string_view room, std::uint64_t after = 0, std::size_t count = 1000) const {
    return answer_to<LogPage>([&](auto done) { history().read(room, after, count, std::move(done)); });
  }
  LogTop top(std::string_view room) const { return read(room, 0, 0).value().log; }
  Result<std::vector<LogTop>> tops(std::vector<std::string> rooms) const {
    return answer_to<std::vector<LogTop>>([&](auto done) { history().tops(std::move(rooms), std::move(done)); });
  }
  Result<void> erase(std::string_view room) const {
    return answer_to<void>([&](auto done) { history().erase(room, std::move(done)); });
  }

  /// Returns when the subscription is active.
  void subscribe(std::string_view room) const {
    const auto active = std::make_shared<std::promise<void>>();
    auto future = active->get_future();
    const auto address = BrokerAddress::room(room);
    if (broker_->subscribe({&address, 1}, [active] { active->set_value(); })) return;
    if (future.wait_for(kPatience) != std::future_status::ready) throw std::runtime_error("no subscription");
  }
  void unsubscribe(std::string_view room) const {
    const auto address = BrokerAddress::room(room);
    broker_->unsubscribe({&address, 1});
  }

  std::vector<PublicationPtr> taken() const {
    const std::lock_guard lock(mutex_);
    return publications_;
  }
  /// Waits until so many have come.
  std::vector<PublicationPtr> take(std::size_t count) const {
    eventually("publications", [&] { return taken().size() >= count; });
    return taken();
  }
  /// Rooms that were told to be subscribed to, and `>` with the offset of each publication, in the order of all.
  std::vector<std::string> heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

  void message(const BrokerMessage& /*message*/) override {}
  void gap(std::chrono::system_clock::time_point /*from*/, std::chrono::system_clock::time_point /*to*/) override {}
  void log(LogLevel /*level*/, std::string_view /*line*/) override {}
  void publication(const PublicationPtr& publication) override {
    const std::lock_guard lock(mutex_);
    publications_.push_back(publication);
    heard_.push_back('>' + std::to_string(publication->position().offset));
  }
  void subscribed(std::span<const BrokerAddress> addresses) override {
    const std::lock_guard lock(mutex_);
    for (const BrokerAddress& address : addresses) heard_.emplace_back(address.name);
  }
  void store_changed() override { ++store_changes; }

  std::atomic<int> store_changes{0};

 private:
  const std::shared_ptr<Broker> broker_;
  mutable std::mutex mutex_;
  std::vector<PublicationPtr> publications_;
  std::vector<std::string> heard_;
};

}  // namespace hearth::test
