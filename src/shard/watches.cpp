#include "shard/watches.hpp"

#include "hearth/broker.hpp"
#include "protocol/json.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <utility>

namespace hearth {

Watch::Watch() noexcept = default;
Watch::Watch(std::shared_ptr<shard::Watcher> watcher) noexcept : watcher_(std::move(watcher)) {}
Watch::Watch(Watch&&) noexcept = default;
Watch& Watch::operator=(Watch&& other) noexcept {
  if (this == &other) return *this;
  end();
  watcher_ = std::move(other.watcher_);
  return *this;
}
Watch::~Watch() { end(); }

void Watch::end() noexcept {
  if (const auto watcher = std::exchange(watcher_, nullptr)) watcher->end();
}

std::uint64_t Watch::skipped() const noexcept { return watcher_ ? watcher_->skipped() : 0; }

namespace shard {

Watcher::Watcher(std::string room, Callback callback, const WatchOptions& options,
                 boost::asio::any_io_executor executor, log::Log log, std::weak_ptr<Watches> of)
    : room_(std::move(room)),
      callback_(std::move(callback)),
      options_(options),
      rate_{options.most_a_second, std::chrono::seconds(1), options.most_a_second},
      executor_(std::move(executor)),
      log_(std::move(log)),
      of_(std::move(of)),
      bucket_(rate_, net::clock_now()) {}

void Watcher::offer(const WatchedPublication& publication) {
  const auto now = net::clock_now();
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    const bool is_too_much =
        waiting_.size() >= options_.most_waiting || waiting_bytes_ >= kMostBytes || !bucket_.has_one(rate_, now);
    if (is_too_much) {
      ++skipped_since_;
      ++skipped_;
      return;
    }
    bucket_.take(rate_, 1, now);
    waiting_.push_back({std::string(publication.event), std::string(publication.data.text()),
                        std::string(publication.from.text()), publication.position, std::exchange(skipped_since_, 0)});
    waiting_bytes_ += waiting_.back().size();
    if (std::exchange(is_posted_, true)) return;
  }
  boost::asio::post(executor_, [self = shared_from_this()] { self->hand_over(); });
}

void Watcher::hand_over() {
  std::unique_lock lock(mutex_);
  while (!ended_ && !waiting_.empty()) {
    const Item item = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= item.size();
    calling_ = std::this_thread::get_id();
    lock.unlock();
    call(item);
    lock.lock();
    calling_ = {};
    called_.notify_all();
  }
  is_posted_ = false;
}

void Watcher::call(const Item& item) const {
  try {
    callback_(
        {room_, item.event, JsonView::trusted(item.data), JsonView::trusted(item.from), item.position, item.skipped});
  } catch (const std::exception& error) {
    log_(LogLevel::error, "handler_threw", "a handler threw", {{"handler", "watch"}, {"what", error.what()}});
  } catch (...) {
    log_(LogLevel::error, "handler_threw", "a handler threw", {{"handler", "watch"}});
  }
}

void Watcher::end() {
  if (const auto watches = of_.lock()) watches->remove(shared_from_this());
  std::unique_lock lock(mutex_);
  ended_ = true;
  waiting_.clear();
  waiting_bytes_ = 0;
  called_.wait(lock, [this] { return calling_ == std::thread::id() || calling_ == std::this_thread::get_id(); });
}

// --- all of them

void Watches::open() {
  const std::lock_guard lock(mutex_);
  is_open_ = true;
}

void Watches::close() {
  std::multimap<std::string, std::shared_ptr<Watcher>, std::less<>> left;
  {
    const std::lock_guard lock(mutex_);
    is_open_ = false;
    any_ = false;
    left = std::exchange(watchers_, {});
  }
  for (const auto& [room, watcher] : left) unsubscribe(room);
}

std::shared_ptr<Watcher> Watches::add(std::string_view room, Watcher::Callback callback, const WatchOptions& options,
                                      const boost::asio::any_io_executor& executor, const log::Log& log) {
  auto watcher =
      std::make_shared<Watcher>(std::string(room), std::move(callback), options, executor, log, weak_from_this());
  {
    const std::lock_guard lock(mutex_);
    if (!is_open_) return nullptr;
    watchers_.emplace(watcher->room(), watcher);
    any_ = true;
  }
  if (!broker_) return watcher;
  try {
    broker_->subscribe(std::array{Target::room(room)}, [] {});
  } catch (...) {
    remove(watcher);
    throw;
  }
  return watcher;
}

void Watches::remove(const std::shared_ptr<Watcher>& watcher) {
  {
    const std::lock_guard lock(mutex_);
    const auto [begin, end] = watchers_.equal_range(watcher->room());
    const auto found = std::find_if(begin, end, [&](const auto& entry) { return entry.second == watcher; });
    if (found == end) return;
    watchers_.erase(found);
    any_ = !watchers_.empty();
  }
  unsubscribe(watcher->room());
}

// What cannot be taken back for want of memory stays subscribed, for nobody.
void Watches::unsubscribe(std::string_view room) const noexcept {
  try {
    if (broker_) broker_->unsubscribe(std::array{Target::room(room)});
  } catch (const std::exception&) {
    return;
  }
}

std::vector<std::shared_ptr<Watcher>> Watches::of(std::string_view room) const {
  std::vector<std::shared_ptr<Watcher>> found;
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = watchers_.equal_range(room);
  for (auto at = begin; at != end; ++at) found.push_back(at->second);
  return found;
}

void Watches::see(const Publication& publication) {
  if (publication.target.kind != Target::Kind::room) return;
  const auto watchers = of(publication.target.name);
  if (watchers.empty()) return;
  std::string quoted = "\"";
  quoted.append(publication.event).append("\"");
  std::string scratch;
  const WatchedPublication seen{publication.target.name, protocol::unescape(quoted, scratch),
                                JsonView::trusted(publication.data), JsonView::trusted(publication.from)};
  for (const auto& watcher : watchers) watcher->offer(seen);
}

void Watches::see(const StoredPublication& publication) {
  const WatchedPublication seen{publication.room(), publication.event(), publication.data(), publication.from(),
                                publication.position()};
  for (const auto& watcher : of(publication.room())) watcher->offer(seen);
}

}  // namespace shard
}  // namespace hearth
