#pragma once

#include "hearth/handler.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <utility>

namespace hearth::app {

/// A number of places for things that take time, and a queue, which is bounded, of those that wait for one. One thread.
class Places {
 public:
  enum class Result : std::uint8_t {
    got,
    full,     ///< too many wait
    late,     ///< it waited too long
    refused,  ///< by refuse_all()
  };

  /// A place that is somebody's, or nobody's.
  class Place {
   public:
    Place() = default;
    explicit Place(Places& places) : places_(&places) {}
    Place(Place&& other) noexcept : places_(std::exchange(other.places_, nullptr)) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(places_, other.places_);
      return *this;
    }
    ~Place() {  // NOLINT(bugprone-exception-escape): Asio's timers do not throw when they are cancelled
      if (places_ != nullptr) places_->give_back();
    }

   private:
    Places* places_ = nullptr;
  };

  struct Taken {
    Result result = Result::full;
    Place place{};
  };

  Places(boost::asio::any_io_executor executor, std::size_t places, std::size_t queue)
      : executor_(std::move(executor)), most_(places), most_waiting_(queue) {}

  Awaitable<Taken> take(std::chrono::milliseconds patience);
  /// From now on there are so many. Who has one, or waits, goes on to.
  void limit(std::size_t places, std::size_t queue);
  /// Those who wait get none.
  void refuse_all();

  // From any thread.
  std::size_t taken() const noexcept { return taken_; }
  std::size_t waiting() const noexcept { return queued_; }

 private:
  struct Waiter;

  void give_back();

  boost::asio::any_io_executor executor_;
  std::size_t most_;
  std::size_t most_waiting_;
  std::atomic<std::size_t> taken_{0};
  std::atomic<std::size_t> queued_{0};
  std::list<Waiter*> waiting_{};  // in the order in which they came
};

}  // namespace hearth::app
