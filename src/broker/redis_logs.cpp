#include "broker/redis_logs.hpp"

#include "broker/new_epoch.hpp"
#include "log/quoted.hpp"
#include "protocol/broker_envelope.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace hearth::broker {

namespace {

/// Longest envelope. A page has one at least, and Redis cuts off subscribers that more than 32 MiB wait for.
constexpr std::size_t kMostEnvelope = std::size_t{24} * 1024 * 1024;
constexpr std::chrono::milliseconds kPatience = LogSlot::Queue::Limits().patience;
/// Slots past which those are forgotten that nothing waits for.
constexpr std::size_t kMostSlots = 1024;
/// For which a slot is left alone that two nodes send each other, or that is on its way from one to the other.
constexpr std::chrono::milliseconds kPause{20};
constexpr unsigned kMostRedirects = 5;  // without one

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

RedisLogs::RedisLogs(const boost::asio::any_io_executor& executor, const RedisOptions& options, redis::Tls* tls,
                     redis::ClusterMap* map, std::string sender, Events events)
    : executor_(executor),
      options_(options),
      map_(map),
      sender_(std::move(sender)),
      publisher_(new_epoch().str()),
      events_(std::move(events)),
      servers_(executor, options, tls, map, publisher_, *this),
      expiry_(executor),
      patience_(executor),
      pause_(executor) {
  if (map_ == nullptr) return;
  map_->listen({.told = [this](bool is_another) { map_told(is_another); },
                .down = [this](const std::string& reason) { events_.down(reason); }});
}

void RedisLogs::append(const Publication& publication, const Retention& retention, std::string_view idempotency_key,
                       Done<Appended> done) {
  const std::size_t size = publication.room.size() + publication.event.size() + publication.data.text().size() +
                           publication.from.text().size() + publication.key.size();
  if (size > kMostEnvelope) return done(HistoryError::too_large);
  std::string envelope;
  protocol::append_broker_envelope(envelope, {.server_id = sender_,
                                              .target = Target::room(publication.room),
                                              .event = publication.event,
                                              .data = publication.data.text(),
                                              .from = publication.from.text(),
                                              .exclude = publication.exclude,
                                              .key = publication.key});
  if (envelope.size() > kMostEnvelope) return done(HistoryError::too_large);
  envelope.pop_back();
  ask(append_request({.room = std::string(publication.room),
                      .envelope = std::move(envelope),
                      .retention = retention,
                      .idempotency_key = std::string(idempotency_key),
                      .time_ms = publication.time_ms != 0 ? publication.time_ms : now_ms()},
                     std::move(done)));
}

void RedisLogs::read(std::string_view room, std::uint64_t after, std::size_t count, Done<LogPage> done) {
  ask(read_request({std::string(room), after, count}, std::move(done)));
}

void RedisLogs::tops(std::vector<std::string> rooms, Done<std::vector<LogTop>> done) {
  if (rooms.empty()) return done(std::vector<LogTop>());
  if (map_ == nullptr) return ask(tops_request(std::move(rooms), std::move(done)));
  for (LogRequestPtr& request : top_requests(rooms, std::move(done))) ask(std::move(request));
}

void RedisLogs::erase(std::string_view room, Done<void> done) {
  ask(erase_request(std::string(room), std::move(done)));
}

void RedisLogs::open() {
  const std::lock_guard lock(inbox_.mutex);
  inbox_.is_open = true;
}

// Any thread.
void RedisLogs::ask(LogRequestPtr request) {
  bool post = false;
  {
    const std::lock_guard lock(inbox_.mutex);
    const std::size_t waiting = counters_.waiting_bytes;
    if (inbox_.is_open && (waiting == 0 || waiting + request->bytes() <= options_.queue_limit)) {
      counters_.waiting_bytes += request->bytes();
      inbox_.requests.push_back(std::exchange(request, nullptr));
      post = !std::exchange(inbox_.is_posted, true);
    }
  }
  if (request) return request->fail(HistoryError::unavailable);
  if (post) boost::asio::post(executor_, [this] { take_asked(); });
}

void RedisLogs::take_asked() {
  std::vector<LogRequestPtr> requests;
  {
    const std::lock_guard lock(inbox_.mutex);
    requests.swap(inbox_.requests);
    inbox_.is_posted = false;
  }
  if (state_ == State::idle && !requests.empty()) start();
  const auto now = Clock::now();
  std::vector<LogSlot*> asked;
  for (LogRequestPtr& request : requests) {
    LogSlot* const slot = state_ == State::stopped ? nullptr : &slot_of(request->room());
    // What is only read is given up at once where a master is away, so that it does not keep that of others waiting.
    if (slot == nullptr || (request->append() == nullptr && servers_.is_away(slot->number))) {
      give_up(std::move(request));
      continue;
    }
    // The order of a room is that of its appends; what is read has no number there.
    const std::string room = request->append() != nullptr ? request->room() : std::string();
    const std::size_t bytes = request->bytes();
    slot->queue.push(room, std::move(request), bytes, now);
    if (asked.empty() || asked.back() != slot) asked.push_back(slot);
  }
  for (LogSlot* slot : asked) route(*slot);
  servers_.pump();
  if (!asked.empty() && !expires_) expire_later(now + kPatience);
}

void RedisLogs::start() {
  if (state_ != State::idle) return;
  state_ = State::started;
  servers_.start();
  if (map_ != nullptr && map_->is_known()) map_told(true);
}

void RedisLogs::log_link_up(LogLink& link, bool is_back) {
  if (!servers_.compares_run_ids()) link.stop_comparing();
  branches_.connected();
  events_.up(is_back);
}

void RedisLogs::log_link_down(LogLink& link, const std::string& reason) {
  for (const auto& [number, slot] : slots_) {
    if (slot->link != &link) continue;
    slot->queue.lost();
    slot->is_redirected = false;
    slot->unlink();
  }
  if (servers_.is_master(link)) events_.down(reason);
  if (map_ != nullptr) map_->doubt();
  route_all();
  end_if_done();
}

void RedisLogs::log_slot_redirected(LogLink& /*link*/, LogSlot& slot, const redis::Redirect& redirect) {
  using Kind = redis::Redirect::Kind;
  if (++slot.redirects > kMostRedirects || redirect.kind == Kind::later) pause(slot);
  if (redirect.kind == Kind::moved) return map_->moved(redirect.slot, redirect.to);
  if (redirect.kind == Kind::ask) slot.importer = redirect.to;
  if (redirect.kind == Kind::later) map_->doubt();
}

void RedisLogs::log_slot_answered(LogSlot& slot) {
  route(slot);
  end_if_done();
}

void RedisLogs::log_request_noted(const LogRequest& request, const LogRequest::Notes& notes) {
  if (notes.is_appended) ++counters_.appended;
  if (notes.is_refused) ++counters_.refused;
  if (!notes.complaint.empty()) events_.warn("history", notes.complaint);
  if (!notes.retention.empty() && !std::exchange(has_warned_of_retention_, true)) {
    events_.warn("retention", notes.retention);
  }
  if (!notes.is_branch || !options_.run_id_guard || !servers_.compares_run_ids()) return;
  if (!branches_.began(request.room(), Clock::now())) return;
  servers_.stop_comparing();
  events_.warn("run_id",
               "the run id of Redis differs between connections, as behind a proxy that spreads them; it is "
               "not compared any more, so that what a log has lost at a restart may go unnoticed "
               "(run_id_guard=false says so from the beginning)");
}

void RedisLogs::log_request_done(LogRequestPtr request, bool is_replicated) {
  counters_.waiting_bytes -= request->bytes();
  try {
    request->tell(is_replicated);
  } catch (...) {
    callback_threw();
  }
}

void RedisLogs::log_link_let_go() {
  route_all();
  end_if_done();
}

LogSlot& RedisLogs::slot_of(const std::string& room) {
  const std::uint16_t number = map_ != nullptr ? redis::slot_of(log_key(room, "")) : 0;
  const auto found = slots_.find(number);
  if (found != slots_.end()) return *found->second;
  if (slots_.size() >= kMostSlots && slots_.size() == slots_.max_load()) {  // before it grows
    boost::unordered::erase_if(slots_, [this](const auto& entry) {
      const LogSlot& slot = *entry.second;
      if (slot.queue.size() > 0 || slot.is_linked()) return false;
      first_sequence_ = std::max(first_sequence_, slot.queue.end());
      return true;
    });
  }
  return *slots_.emplace(number, std::make_unique<LogSlot>(number, first_sequence_)).first->second;
}

/// Who the masters are.
void RedisLogs::map_told(bool is_another) {
  if (state_ != State::started) return;
  servers_.take([this](const LogLink& link) {
    return link.holds() ||
           std::any_of(slots_.begin(), slots_.end(), [&](const auto& entry) { return entry.second->link == &link; });
  });
  if (is_another) branches_.connected();
  route_all();
  if (servers_.any_away()) map_->doubt();
  if (is_another) events_.up(false);
}

/// Has a slot sent where it is to be sent now, if it may be.
void RedisLogs::route(LogSlot& slot) {
  if (state_ == State::stopped) return;
  LogLink* const before = slot.link;
  if (slot.queue.under_way() == 0) {
    slot.is_redirected = false;
    const bool has_none = slot.queue.peek() == nullptr;
    // What was answered there, but for the replicas, is told first.
    const bool is_held = before != nullptr && before->holds();
    if (has_none && !is_held) slot.link = nullptr;  // it need not be there any more
    if (has_none || slot.is_paused) return;
    LogLink* const link = next_link(slot);
    if (is_held && before != link) return;
    if (before != link) slot.unlink();
    slot.link = link;
  }
  if (slot.link == nullptr || slot.is_redirected) return;
  slot.link->add(slot);
  if (slot.link != before) slot.link->pump();
}

LogLink* RedisLogs::next_link(LogSlot& slot) {
  LogRequest& request = **slot.queue.peek();
  if (request.is_asking()) {
    LogLink& importer = servers_.node(slot.importer);
    slot.asks = !importer.is_away();
    if (slot.asks) return &importer;
    request.set_asking(false);
    pause(slot);
  }
  slot.asks = false;
  return servers_.of(slot.number);
}

void RedisLogs::route_all() {
  for (const auto& [number, slot] : slots_) route(*slot);
  servers_.pump();
}

void RedisLogs::pause(LogSlot& slot) {
  slot.is_paused = true;
  if (std::exchange(pauses_, true)) return;
  pause_.expires_after(kPause);
  pause_.async_wait([this](const boost::system::error_code& error) {
    pauses_ = false;
    if (error) return;
    for (const auto& [number, paused] : slots_) paused->is_paused = false;
    route_all();
  });
}

void RedisLogs::give_up(LogRequestPtr request) {
  counters_.waiting_bytes -= request->bytes();
  try {
    request->fail(HistoryError::unavailable);
  } catch (...) {
    callback_threw();
  }
}

void RedisLogs::callback_threw() const {
  events_.warn("callback", "whoever was told what became of a question to a log threw an exception");
}

void RedisLogs::expire_later(Clock::time_point due) {
  expires_ = true;
  expiry_.expires_at(due);
  expiry_.async_wait([this](const boost::system::error_code& error) {
    expires_ = false;
    if (!error && state_ != State::stopped) expire();
  });
}

void RedisLogs::expire() {
  const auto now = Clock::now();
  std::optional<Clock::time_point> next;
  for (const auto& [number, slot] : slots_) {
    for (LogRequestPtr& request : slot->queue.expire(now)) give_up(std::move(request));
    const auto due = slot->queue.next_deadline();
    if (due) next = next ? std::min(*next, *due) : *due;
  }
  if (next) expire_later(*next);
  end_if_done();
}

void RedisLogs::finish(std::chrono::milliseconds patience) {
  {
    const std::lock_guard lock(inbox_.mutex);
    inbox_.is_open = false;
  }
  take_asked();
  is_finishing_ = true;
  if (!servers_.any_up() || patience == patience.zero()) return stop();
  patience_.expires_after(patience);
  patience_.async_wait([this](const boost::system::error_code& error) {
    if (!error) stop();
  });
  end_if_done();
}

void RedisLogs::end_if_done() {
  if (!is_finishing_ || state_ == State::stopped) return;
  const bool is_answered =
      std::all_of(slots_.begin(), slots_.end(), [](const auto& entry) { return entry.second->queue.size() == 0; });
  if (is_answered && !servers_.hold()) stop();
}

void RedisLogs::stop() {
  state_ = State::stopped;
  patience_.cancel();
  expiry_.cancel();
  pause_.cancel();
  for (const auto& [number, slot] : slots_) {
    for (LogRequestPtr& request : slot->queue.expire(Clock::time_point::max())) give_up(std::move(request));
  }
  servers_.stop();
}

}  // namespace hearth::broker
