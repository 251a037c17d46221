#pragma once

#include "hearth/broker.hpp"
#include "support/patience.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::test {

/// A broker with somebody behind it who writes down what comes.
class Probe final : public BrokerSink {
 public:
  struct Gap {
    std::chrono::system_clock::time_point from;
    std::chrono::system_clock::time_point to;
  };

  explicit Probe(std::shared_ptr<Broker> its_broker) : broker_(std::move(its_broker)) {}
  ~Probe() override { broker_->stop(); }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  Probe& start() {
    broker_->start(*this);
    return *this;
  }
  Broker& operator*() const { return *broker_; }
  Broker* operator->() const { return broker_.get(); }

  void publish(BrokerAddress address, std::string_view event, std::string_view data = {},
               std::vector<std::string> exclude = {}) const {
    broker_->publish(
        {.address = address, .event = event, .data = JsonView::trusted(data), .from = {}, .exclude = exclude});
  }

  /// Returns when the subscription is active.
  void subscribe(BrokerAddress address) const {
    const auto active = std::make_shared<std::atomic<bool>>(false);
    if (broker_->subscribe({&address, 1}, [active] { *active = true; })) return;
    eventually("a subscription", [&] { return active->load(); });
  }
  void unsubscribe(BrokerAddress address) const { broker_->unsubscribe({&address, 1}); }

  /// Has the probe's own messages come through to another: a broadcast that comes after all that was published before.
  void flush_to(const Probe& other) const {
    static std::atomic<int> number{0};
    const std::string event = std::string("flush").append(std::to_string(++number));
    publish({}, event);
    eventually("a broadcast to come through", [&] { return other.count("everybody  " + event) == 1; });
  }

  /// What came, but for the broadcasts of flush_to: `room lobby news {"text":1}`.
  std::vector<std::string> taken() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> texts;
    for (const std::string& text : messages_) {
      if (!text.starts_with("everybody  flush")) texts.push_back(text);
    }
    return texts;
  }
  std::size_t count(std::string_view text) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count(messages_.begin(), messages_.end(), text));
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return messages_.size();
  }
  std::vector<Gap> gaps() const {
    const std::lock_guard lock(mutex_);
    return gaps_;
  }
  std::size_t logged(std::string_view part) const {
    const std::lock_guard lock(mutex_);
    std::size_t found = 0;
    for (const std::string& line : log_) found += line.find(part) != std::string::npos ? 1 : 0;
    return found;
  }

  void message(const BrokerMessage& message) override {
    constexpr const char* kKinds[]{"everybody", "client", "user", "room"};
    std::string text = kKinds[static_cast<int>(message.address.kind)];
    text.append(" ").append(message.address.name).append(" ").append(message.event);
    if (message.data) text.append(" ").append(message.data.text());
    if (message.from) text.append(" from ").append(message.from.text());
    for (const std::string& id : message.exclude) text.append(" -").append(id);
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(text));
  }
  void gap(std::chrono::system_clock::time_point from, std::chrono::system_clock::time_point to) override {
    const std::lock_guard lock(mutex_);
    gaps_.push_back({from, to});
  }
  void log(LogLevel /*level*/, std::string_view line) override {
    const std::lock_guard lock(mutex_);
    log_.emplace_back(line);
  }

 private:
  const std::shared_ptr<Broker> broker_;
  mutable std::mutex mutex_;
  std::vector<std::string> messages_;
  std::vector<Gap> gaps_;
  std::vector<std::string> log_;
};

inline BrokerAddress room(std::string_view name) { return {BrokerAddress::Kind::room, name}; }
inline BrokerAddress user(std::string_view name) { return {BrokerAddress::Kind::user, name}; }
inline BrokerAddress client(std::string_view name) { return {BrokerAddress::Kind::client, name}; }

}  // namespace hearth::test
