#pragma once

#include "broker/log_limiter.hpp"
#include "hearth/broker.hpp"
#include "protocol/name_hash.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

namespace hearth::broker {

/// The calls that are in a sink. No lock is held over a call: what a sink does, publishing included, may lead to any
/// other, and back.
class SinkCalls {
 public:
  /// False once it is closed.
  bool enter() {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    ++running_;
    ++calls_here_;
    return true;
  }

  void leave() {
    const std::lock_guard lock(mutex_);
    --calls_here_;
    if (--running_ == 0) ended_.notify_all();
  }

  /// Lets nobody in any more, and waits for those that are in; but not in the middle of a call, which may be what one
  /// of them waits for.
  void close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    if (calls_here_ == 0) ended_.wait(lock, [this] { return running_ == 0; });
  }

 private:
  /// How many this thread is in, one inside the other, of whatever exchange.
  static inline thread_local int calls_here_ = 0;

  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t running_ = 0;
  bool closed_ = false;
};

/// One broker's part in an exchange.
struct ExchangeMember {
  explicit ExchangeMember(BrokerSink& its_sink) : sink(its_sink) {}

  void receive(const BrokerMessage& message) {
    call([&] { sink.message(message); });
  }
  void receive(const BrokerControl& control) {
    call([&] { sink.control(control); });
  }
  void receive(const PublicationPtr& publication) {
    call([&] { sink.publication(publication); });
  }
  void receive(std::string_view instance, const PresenceReport& report) {
    call([&] { sink.presence(instance, report); });
  }
  void watched(std::string_view room) {
    call([&] { sink.presence_watched(room); }, 0);
  }
  void subscribed(std::span<const BrokerAddress> addresses) {
    call([&] { sink.subscribed(addresses); }, 0);
  }

  BrokerSink& sink;
  std::atomic<std::uint64_t> received{0};
  // under the exchange's mutex
  boost::unordered_flat_map<std::string, std::size_t, protocol::NameHash, std::equal_to<>> subscriptions;
  SinkCalls calls;

 private:
  template <class Call>
  void call(Call sink_call, std::uint64_t messages = 1) {
    if (!calls.enter()) return;
    received += messages;
    try {
      sink_call();
    } catch (...) {
      // It is this sink's to do without. The one who publishes and the other sinks have no part in it.
      complain();
    }
    calls.leave();
  }

  void complain() {
    try {
      const auto line = limiter_.admit("sink", "a message was lost to an exception of whoever was given it");
      if (line) sink.log(LogLevel::warning, *line);
    } catch (...) {
      // A log that fails must not take the publisher with it, and there is nowhere to say so.
    }
  }

  LogLimiter limiter_;
};

}  // namespace hearth::broker
