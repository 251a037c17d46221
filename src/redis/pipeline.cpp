#include "redis/pipeline.hpp"

#include "log/quoted.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <utility>

namespace hearth::redis {

namespace {

// What is under way is lost when the link breaks; what waits is not. So not much is under way at a time.
constexpr std::size_t kMaxUnanswered = std::size_t{1} << 20;
constexpr std::size_t kBatch = std::size_t{256} * 1024;
constexpr std::string_view kShutDown = "shut down";

bool begins_with_any(std::string_view text, std::initializer_list<std::string_view> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view one) { return text.starts_with(one); });
}

/// The server has forgotten a script, or is not, or not yet, what it has to be: what was refused for that is not done
/// with.
bool is_for_now(std::string_view error) {
  return begins_with_any(error, {"NOSCRIPT", "READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN"});
}

}  // namespace

Pipeline::Pipeline(const boost::asio::any_io_executor& executor, const RedisOptions& options, Tls* tls,
                   Settings settings, Owner& owner)
    : executor_(executor),
      options_(options),
      settings_(std::move(settings)),
      owner_(owner),
      link_(executor, options, tls, settings_.role, *this),
      expiry_(executor),
      patience_(executor) {}

// An entry's own memory counts too, so that short commands without number are bounded as well.
std::size_t Pipeline::cost(const Entry& entry) noexcept {
  return sizeof(Entry) + entry.request.command.size() + entry.request.again.size();
}

void Pipeline::add(Request request) {
  Entry entry{.request = std::move(request), .since = Clock::now()};
  std::deque<Entry> lost;
  std::string_view why = "too much waits to be sent";
  bool overflowed = false;
  bool post = false;
  {
    const std::lock_guard lock(mutex_);
    ++unfinished_;
    const bool over = queued_ + cost(entry) > options_.queue_limit;
    if (finishing_) {
      lost.push_back(std::move(entry));
      why = kShutDown;
    } else if (over && settings_.overflow == Overflow::refuse_newest) {
      lost.push_back(std::move(entry));
    } else {
      queued_ += cost(entry);
      queue_.push_back(std::move(entry));
      lost = take_too_many();
      post = !std::exchange(pump_posted_, true);
    }
    overflowed = !finishing_ && !lost.empty() && !std::exchange(overflowed_, true);
  }
  if (post) boost::asio::post(executor_, [this] { pump(); });
  if (overflowed) owner_.pipeline_overflowed();
  lose(lost, why);
}

// A single one that is longer than the limit may wait, if nothing else does.
std::deque<Pipeline::Entry> Pipeline::take_too_many() {
  std::deque<Entry> oldest;
  while (queued_ > options_.queue_limit && queue_.size() > 1) {
    queued_ -= cost(queue_.front());
    oldest.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return oldest;
}

void Pipeline::lose(const std::deque<Entry>& entries, std::string_view why) {
  for (const Entry& entry : entries) {
    settle(entry, {entry.sent ? RedisFailure::unconfirmed : RedisFailure::not_sent, why});
  }
}

void Pipeline::settle(const Entry& entry, const Outcome& outcome) {
  if (!entry.ahead) {
    switch (outcome.failure) {
      case RedisFailure::none:
        ++counters_.answered;
        break;
      case RedisFailure::refused:
        ++counters_.refused;
        break;
      case RedisFailure::unconfirmed:
        ++counters_.unconfirmed;
        break;
      case RedisFailure::not_sent:
        ++counters_.not_sent;
        break;
    }
    const std::lock_guard lock(mutex_);
    --unfinished_;
  }
  if (!entry.request.done) return;
  try {
    entry.request.done(outcome);
  } catch (...) {
    owner_.pipeline_done_threw();
  }
}

bool Pipeline::has_unfinished() const {
  const std::lock_guard lock(mutex_);
  return unfinished_ > 0;
}

bool Pipeline::is_finished() const {
  const std::lock_guard lock(mutex_);
  return finishing_ && unfinished_ == 0;
}

std::uint64_t Pipeline::queued_bytes() const {
  const std::lock_guard lock(mutex_);
  return queued_;
}

void Pipeline::finish(std::chrono::milliseconds patience) {
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
  }
  if (patience == patience.zero() || !has_unfinished()) return stop();
  patience_.expires_after(patience);
  patience_.async_wait([this](const boost::system::error_code& error) {
    if (!error) stop();
  });
  release();
}

void Pipeline::stop() {
  stopped_ = true;
  patience_.cancel();
  expiry_.cancel();
  std::deque<Entry> dropped;
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
    queued_ = 0;
    dropped.swap(queue_);
  }
  lose(dropped, kShutDown);
  link_.stop();
}

void Pipeline::release() {
  held_ = false;
  pump();
}

void Pipeline::pump() {
  std::string batch;
  {
    const std::lock_guard lock(mutex_);
    pump_posted_ = false;
    const bool open = link_.is_writable() && (!held_ || finishing_);
    while (open && !queue_.empty() && batch.size() < kBatch && unanswered_bytes_ < kMaxUnanswered) {
      queued_ -= cost(queue_.front());
      Entry entry = std::move(queue_.front());
      queue_.pop_front();
      const bool other = entry.sent && entry.request.again.size() > 0;
      const RespCommand& command = other ? entry.request.again : entry.request.command;
      batch += command.bytes();
      entry.sent = true;
      entry.size = command.size();
      unanswered_bytes_ += entry.size;
      entry.left = batch.size() == entry.size ? std::optional(Clock::now()) : std::nullopt;
      if (entry.request.on_break == OnBreak::give_up) entry.request.command = {};
      unanswered_.push_back(std::move(entry));
    }
  }
  expire_later();
  if (!batch.empty()) link_.send(batch);
}

void Pipeline::send_ahead(const RespCommand& command, Done done) {
  if (!link_.is_up()) return;
  unanswered_.push_back(
      {.request = {.command = {}, .done = std::move(done)}, .sent = true, .ahead = true, .left = Clock::now()});
  link_.send(command.bytes());
}

// While there is no connection, what waits must not wait for ever.
void Pipeline::expire_later() {
  if (settings_.max_wait == settings_.max_wait.zero()) return;
  Clock::time_point due;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) return;
    due = queue_.front().since + settings_.max_wait;
  }
  if (expires_ && *expires_ <= due) return;
  expires_ = due;
  expiry_.expires_at(due);
  expiry_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    expires_.reset();
    lose(take_overdue(), "there was no connection to Redis for " + std::to_string(settings_.max_wait.count()) + "ms");
    expire_later();
  });
}

std::deque<Pipeline::Entry> Pipeline::take_overdue() {
  std::deque<Entry> overdue;
  const auto before = Clock::now() - settings_.max_wait;
  const std::lock_guard lock(mutex_);
  while (!queue_.empty() && queue_.front().since <= before) {
    queued_ -= cost(queue_.front());
    overdue.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return overdue;
}

void Pipeline::link_up() {
  {
    const std::lock_guard lock(mutex_);
    overflowed_ = false;
  }
  tells_role_ = true;
  owner_.pipeline_up();
  pump();
}

void Pipeline::link_down(const std::string& reason) {
  std::deque<Entry> lost;
  std::deque<Entry> kept;
  for (Entry& entry : std::exchange(unanswered_, {})) {
    const bool again = entry.request.on_break == OnBreak::resend && !stopped_;
    (again ? kept : lost).push_back(std::move(entry));
  }
  unanswered_bytes_ = 0;
  take_back(std::move(kept));
  expire_later();
  lose(lost, stopped_ ? std::string(kShutDown) : "the connection broke before Redis answered: " + reason);
  owner_.pipeline_down(reason);
  if (is_finished()) stop();
}

void Pipeline::take_back(std::deque<Entry> entries) {
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries) queued_ += cost(entry);
  queue_.insert(queue_.begin(), std::move_iterator(entries.begin()), std::move_iterator(entries.end()));
}

void Pipeline::link_ping() {
  // A Cluster's nodes pass on what is published, replicas too.
  const bool role = tells_role_ && options_.topology != RedisTopology::cluster;
  send_ahead(RespCommand::of({role ? "ROLE" : "PING"}), [this, role](const Outcome& outcome) {
    if (!role || outcome.reply == nullptr) return;
    tells_role_ = !outcome.reply->is_error();
    if (!may_be_master(*outcome.reply)) link_.fail(kNoMasterAnyMore);
  });
  owner_.pipeline_ping();
}

bool Pipeline::must_be_sent_again(const Entry& entry, const RespReply& reply) const {
  return entry.request.on_break == OnBreak::resend && reply.is_error() && is_for_now(reply.text());
}

void Pipeline::link_reply(const RespReply& reply) {
  if (unanswered_.empty()) {
    return link_.fail("Redis answered what it was not asked: " + log::quoted(reply.text()));
  }
  if (must_be_sent_again(unanswered_.front(), reply)) {  // and, since order is kept, all that follow
    return link_.fail("Redis refused a command for now: " + log::quoted(reply.text()));
  }
  const Entry entry = std::move(unanswered_.front());
  unanswered_.pop_front();
  unanswered_bytes_ -= entry.size;
  if (entry.left) counters_.round_trips.add(Clock::now() - *entry.left);
  answered(entry, reply);
}

void Pipeline::answered(const Entry& entry, const RespReply& reply) {
  settle(entry, reply.is_error() ? Outcome{RedisFailure::refused, reply.text(), &reply}
                                 : Outcome{RedisFailure::none, {}, &reply});
  if (entry.ahead) return;
  if (reply.is_error()) {
    owner_.pipeline_refused(reply.text());
    if (reply.text().starts_with("READONLY")) link_.fail(kNoMasterAnyMore);
  }
  if (is_finished()) return stop();
  // Enough at a time to be worth a write.
  if (unanswered_bytes_ < kMaxUnanswered / 2) pump();
}

}  // namespace hearth::redis
