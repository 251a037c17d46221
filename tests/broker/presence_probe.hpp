#pragma once

#include "broker/history_probe.hpp"
#include "hearth/broker.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::test {

/// A broker with somebody behind it who says who is in rooms, and writes down what others say.
class PresenceProbe final : public BrokerSink {
 public:
  explicit PresenceProbe(std::shared_ptr<Broker> broker) : broker_(std::move(broker)), presence_(broker_->presence()) {
    if (presence_ != nullptr) broker_->start(*this);
  }
  ~PresenceProbe() override { broker_->stop(); }
  PresenceProbe(const PresenceProbe&) = delete;
  PresenceProbe& operator=(const PresenceProbe&) = delete;

  std::string id() const { return std::string(broker_->instance_id()); }
  Broker& broker() const { return *broker_; }
  Presence& presence() const { return *presence_; }
  LivingInstances look(std::optional<std::chrono::milliseconds> life = {}) const {
    return answer_to<LivingInstances>([&](auto done) { presence_->look(life, std::move(done)); }).value();
  }
  bool write(const PresenceReport& report) const {
    return answer_to<void>([&](auto done) { presence_->write(report, std::move(done)); }).has_value();
  }
  std::vector<PresenceEntry> read(std::string_view room) const {
    return answer_to<std::vector<PresenceEntry>>([&](auto done) { presence_->read(room, std::move(done)); }).value();
  }
  /// Returns when reports of others come.
  void watch(const std::string& room) const {
    presence_->watch(room);
    eventually("the room to be watched", [&] {
      const std::lock_guard lock(mutex_);
      return std::find(watched_.begin(), watched_.end(), room) != watched_.end();
    });
  }
  std::vector<std::pair<std::string, PresenceReport>> take(std::size_t count) const {
    eventually("reports", [&] {
      const std::lock_guard lock(mutex_);
      return said_.size() >= count;
    });
    const std::lock_guard lock(mutex_);
    return said_;
  }

  void message(const BrokerMessage& /*message*/) override {}
  void gap(std::chrono::system_clock::time_point /*from*/, std::chrono::system_clock::time_point /*to*/) override {}
  void log(LogLevel /*level*/, std::string_view /*line*/) override {}
  void presence(std::string_view instance, const PresenceReport& report) override {
    const std::lock_guard lock(mutex_);
    said_.emplace_back(instance, report);
  }
  void presence_watched(std::string_view room) override {
    const std::lock_guard lock(mutex_);
    watched_.emplace_back(room);
  }

 private:
  const std::shared_ptr<Broker> broker_;
  Presence* const presence_;
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, PresenceReport>> said_;
  std::vector<std::string> watched_;
};

}  // namespace hearth::test
