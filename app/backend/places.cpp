#include "backend/places.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <optional>

namespace hearth::app {

namespace asio = boost::asio;

/// Somebody who waits, in the queue as long as nothing is decided.
struct Places::Waiter {
  Waiter(Places& given, std::chrono::milliseconds patience)
      : places(given), decided(given.executor_, patience), at(given.waiting_.insert(given.waiting_.end(), this)) {
    ++places.queued_;
  }
  ~Waiter() {
    if (!result) leave();
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  void decide(Result what) {
    result = what;
    if (what == Result::got) place = Place(places);
    leave();
    decided.cancel();
  }
  void leave() {
    places.waiting_.erase(at);
    --places.queued_;
  }

  Places& places;
  asio::steady_timer decided;
  std::optional<Result> result{};
  Place place{};
  std::list<Waiter*>::iterator at;
};

Awaitable<Places::Taken> Places::take(std::chrono::milliseconds patience) {
  if (taken_ < most_) {
    ++taken_;
    co_return Taken{Result::got, Place(*this)};
  }
  if (waiting_.size() >= most_waiting_) co_return Taken{Result::full, {}};
  Waiter waiter(*this, patience);
  while (!waiter.result && waiter.decided.expiry() > asio::steady_timer::clock_type::now()) {
    boost::system::error_code ignored;
    // When the coroutine is cancelled, the next one throws.
    co_await waiter.decided.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return Taken{waiter.result.value_or(Result::late), std::move(waiter.place)};
}

void Places::refuse_all() {
  while (!waiting_.empty()) waiting_.front()->decide(Result::refused);
}

void Places::limit(std::size_t places, std::size_t queue) {
  most_ = places;
  most_waiting_ = queue;
  while (taken_ < most_ && !waiting_.empty()) {
    ++taken_;
    waiting_.front()->decide(Result::got);
  }
}

void Places::give_back() {
  if (waiting_.empty() || taken_ > most_) {
    --taken_;
  } else {
    waiting_.front()->decide(Result::got);
  }
}

}  // namespace hearth::app
