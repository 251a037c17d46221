#pragma once

#include "hearth/broker.hpp"
#include "support/patience.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::test {

/// Somebody behind a broker who writes down what comes.
class NoteSink : public BrokerSink {
 public:
  struct Gap {
    std::chrono::system_clock::time_point from;
    std::chrono::system_clock::time_point to;
  };

  /// Called for each message, and for each gap, before it is written down.
  void on_message(std::function<void(const BrokerMessage&)> handler) {
    const std::lock_guard lock(mutex_);
    handler_ = std::move(handler);
  }
  void on_gap(std::function<void()> handler) {
    const std::lock_guard lock(mutex_);
    gap_handler_ = std::move(handler);
  }

  /// What came, but for the broadcasts of Probe::flush_to: `room lobby news {"text":1}`.
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
  /// The control messages that came, each with its sender and its op in front: `<id> hello {…}`.
  std::vector<std::string> controls() const {
    const std::lock_guard lock(mutex_);
    return controls_;
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

  std::vector<std::string> log_lines() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }

  void message(const BrokerMessage& message) override {
    call(handler_, message);
    constexpr const char* kKinds[]{"everybody", "client", "user", "room"};
    std::string text = kKinds[static_cast<int>(message.address.kind)];
    text.append(" ").append(message.address.name).append(" ").append(message.event);
    if (message.data) text.append(" ").append(message.data.text());
    if (!message.key.empty()) text.append(" key ").append(message.key);
    if (message.from) text.append(" from ").append(message.from.text());
    for (const std::string& id : message.exclude) text.append(" -").append(id);
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(text));
  }
  void control(const BrokerControl& control) override {
    std::string text(control.sender);
    text.append(" ").append(control.op).append(" ").append(control.message.text());
    const std::lock_guard lock(mutex_);
    controls_.push_back(std::move(text));
    messages_.push_back(std::string("control ").append(control.op));
  }
  void gap(std::chrono::system_clock::time_point from, std::chrono::system_clock::time_point to) override {
    call(gap_handler_);
    const std::lock_guard lock(mutex_);
    gaps_.push_back({from, to});
  }
  void log(LogLevel /*level*/, std::string_view line) override {
    const std::lock_guard lock(mutex_);
    log_.emplace_back(line);
  }

 private:
  template <class Function, class... Arguments>
  void call(const Function& function, const Arguments&... arguments) const {
    std::unique_lock lock(mutex_);
    const Function copy = function;
    lock.unlock();
    if (copy) copy(arguments...);
  }

  mutable std::mutex mutex_;
  std::function<void(const BrokerMessage&)> handler_;
  std::function<void()> gap_handler_;
  std::vector<std::string> messages_;
  std::vector<std::string> controls_;
  std::vector<Gap> gaps_;
  std::vector<std::string> log_;
};

/// A broker with such a one behind it.
class Probe final : public NoteSink {
 public:
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

 private:
  const std::shared_ptr<Broker> broker_;
};

inline BrokerAddress room(std::string_view name) { return {BrokerAddress::Kind::room, name}; }
inline BrokerAddress user(std::string_view name) { return {BrokerAddress::Kind::user, name}; }
inline BrokerAddress client(std::string_view name) { return {BrokerAddress::Kind::client, name}; }

}  // namespace hearth::test
