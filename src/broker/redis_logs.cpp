#include "broker/redis_logs.hpp"

#include "broker/log_scripts.hpp"
#include "broker/new_epoch.hpp"
#include "log/quoted.hpp"
#include "protocol/broker_envelope.hpp"
#include "redis/locator.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>

namespace hearth::broker {

namespace {

constexpr std::size_t kBatch = std::size_t{256} * 1024;
/// Longest envelope. A page has one at least, and Redis cuts off subscribers that more than 32 MiB wait for.
constexpr std::size_t kMostEnvelope = std::size_t{24} * 1024 * 1024;

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

/// The server is not, or not yet, what it has to be, or has forgotten the scripts. Some versions put the reason behind
/// words of their own.
bool is_for_now(std::string_view error) {
  constexpr std::array<std::string_view, 6> kCodes{"NOSCRIPT ", "READONLY ",   "LOADING ",
                                                   "BUSY ",     "MASTERDOWN ", "CLUSTERDOWN "};
  return std::any_of(kCodes.begin(), kCodes.end(), [&](std::string_view code) {
    const std::size_t at = error.find(code);
    return at == 0 || (at != std::string_view::npos && error[at - 1] == '-');
  });
}

}  // namespace

RedisLogs::RedisLogs(const boost::asio::any_io_executor& executor, const RedisOptions& options, redis::Tls* tls,
                     std::string sender, Events events)
    : executor_(executor),
      options_(options),
      sender_(std::move(sender)),
      publisher_(new_epoch().str()),
      events_(std::move(events)),
      link_(executor, options, tls, "history", *this),
      queue_({.bytes = SIZE_MAX}),  // `ask` sees to it
      expiry_(executor),
      patience_(executor),
      guards_(options.run_id_guard) {
  connection_.meta_ttl = options.history_meta_ttl;
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
  ask(tops_request(std::move(rooms), std::move(done)));
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
  for (LogRequestPtr& request : requests) {
    if (state_ == State::stopped) {
      give_up(std::move(request));
      continue;
    }
    // The order of a room is that of its appends; what is read has no number there.
    const std::string room = request->append() != nullptr ? request->room() : std::string();
    const std::size_t bytes = request->bytes();
    queue_.push(room, std::move(request), bytes, now);
  }
  pump();
}

void RedisLogs::start() {
  if (state_ != State::idle) return;
  state_ = State::down;
  link_.start();
}

void RedisLogs::link_up() {
  state_ = State::greeting;
  branches_.connected();
  for (const Expected reply : {Expected::run_id, Expected::promotion, Expected::append_script, Expected::read_script}) {
    dialogue_.expect(reply);
  }
  link_.send(redis::RespCommand::of({"INFO", "server"}).bytes());
  link_.send(redis::RespCommand::of({"INFO", "replication"}).bytes());
  link_.send(redis::RespCommand::of({"SCRIPT", "LOAD", kAppendScript}).bytes());
  link_.send(redis::RespCommand::of({"SCRIPT", "LOAD", kReadScript}).bytes());
}

void RedisLogs::link_down(const std::string& reason) {
  if (state_ != State::stopped) state_ = State::down;
  dialogue_.lost();
  queue_.lost();
  tell_held(false);
  expire_later();
  events_.down(reason);
  end_if_done();
}

// A master that has become a replica answers reads as before.
void RedisLogs::link_ping() {
  link_.send(redis::RespCommand::of({"ROLE"}).bytes());
  dialogue_.expect(Expected::ping);
}

void RedisLogs::link_reply(const redis::RespReply& reply) {
  if (dialogue_.expects_nothing())
    return link_.fail("Redis answered what it was not asked: " + log::quoted(reply.text()));
  const auto [to, appends] = dialogue_.take();
  // Order is kept, so all that follow are sent again too.
  if (reply.is_error() && is_for_now(reply.text())) {
    return link_.fail("Redis refused a command for now: " + log::quoted(reply.text()));
  }
  switch (to) {
    case Expected::ping:
      if (!redis::may_be_master(reply)) link_.fail(redis::kNoMasterAnyMore);
      return;
    case Expected::replicas:
      return replicated(reply);
    case Expected::part:
      return answered_in_part(reply);
    case Expected::request:
      answered(reply, 0);
      return pump_on();
    case Expected::appends:
      for (std::size_t place = 0; place < appends; ++place) answered(reply, place);
      return pump_on();
    case Expected::run_id:
    case Expected::promotion:
    case Expected::append_script:
    case Expected::read_script:
      return greet(to, reply);
  }
}

void RedisLogs::greet(Expected to, const redis::RespReply& reply) {
  if (to == Expected::run_id) {
    connection_.run_id = read_run_id(reply);
    if (connection_.run_id.empty() && guards_) {
      events_.warn("run_id",
                   "Redis does not tell its run id (INFO server), so that what a log has lost at a restart "
                   "may go unnoticed");
    }
    return;
  }
  if (to == Expected::promotion) {
    const std::string promotion = read_promotion(reply);
    if (!promotion.empty() && !connection_.run_id.empty()) connection_.run_id += ' ' + promotion;
    return;
  }
  if (reply.is_error()) return link_.fail("Redis did not take a script: " + log::quoted(reply.text()));
  (to == Expected::append_script ? connection_.append : connection_.read) = reply.text();
  if (to != Expected::read_script) return;
  state_ = State::ready;
  // ⚑ One process may have been promoted twice at the same place, and have lost what it had in between: whoever becomes
  // a replica breaks its connections off, and nothing else that this instance sees needs to have changed.
  const bool is_back = run_id_.has_value();
  run_id_ = connection_.run_id;
  if (!guards_) connection_.run_id.clear();
  events_.up(is_back);
  pump();
}

void RedisLogs::pump() {
  std::string batch;
  bool appends = false;
  const std::int64_t now = now_ms();
  while (state_ == State::ready && link_.is_writable() && !dialogue_.is_full() &&
         batch.size() + dialogue_.bytes() < kBatch) {
    const auto next = queue_.next();
    if (!next) break;
    LogRequest& request = **next->item;
    if (const LogAppend* append = request.append()) {
      const LogNumber number{publisher_, next->sequence, next->previous};
      dialogue_.append(*append, number, request.bytes(), batch, connection_, now);
      appends = true;
      continue;
    }
    dialogue_.end_command(batch, connection_, now);
    batch += request.command(connection_, now);
    for (std::size_t i = 1; i < request.replies(); ++i) dialogue_.expect(Expected::part);
    dialogue_.expect(Expected::request);
  }
  dialogue_.end_command(batch, connection_, now);
  if (appends && options_.wait_replicas > 0) {
    batch += redis::RespCommand::of(
                 {"WAIT", std::to_string(options_.wait_replicas), std::to_string(options_.wait_timeout.count())})
                 .bytes();
    dialogue_.expect(Expected::replicas);
  }
  expire_later();
  if (!batch.empty()) link_.send(batch);
}

/// One of several replies to a question, but not the last.
void RedisLogs::answered_in_part(const redis::RespReply& reply) {
  if (LogRequestPtr* request = queue_.oldest_under_way()) note(**request, (*request)->take(reply, 0));
}

void RedisLogs::answered(const redis::RespReply& reply, std::size_t place) {
  LogRequestPtr* const waiting = queue_.oldest_under_way();
  const LogRequest::Notes notes = waiting != nullptr ? (*waiting)->take(reply, place) : LogRequest::Notes();
  if (notes.is_out_of_order) {
    queue_.out_of_order();
  } else if (auto request = queue_.answered()) {
    note(**request, notes);
    counters_.waiting_bytes -= (*request)->bytes();
    const bool waits = options_.wait_replicas > 0 && ((*request)->append() != nullptr || !held_.empty());
    waits ? held_.push_back(*std::move(request)) : tell(*std::move(request), true);
  }
}

void RedisLogs::pump_on() {
  end_if_done();
  pump();
}

void RedisLogs::note(const LogRequest& request, const LogRequest::Notes& notes) {
  if (notes.is_appended) ++counters_.appended;
  if (notes.is_refused) ++counters_.refused;
  if (!notes.complaint.empty()) events_.warn("history", notes.complaint);
  if (!notes.retention.empty() && !std::exchange(has_warned_of_retention_, true)) {
    events_.warn("retention", notes.retention);
  }
  if (!notes.is_branch || !guards_ || !branches_.began(request.room(), Clock::now())) return;
  guards_ = false;
  connection_.run_id.clear();
  events_.warn("run_id",
               "the run id of Redis differs between connections, as behind a proxy that spreads them; it is "
               "not compared any more, so that what a log has lost at a restart may go unnoticed "
               "(run_id_guard=false says so from the beginning)");
}

void RedisLogs::replicated(const redis::RespReply& reply) {
  if (reply.is_error()) events_.warn("wait", "Redis does not wait for replicas: " + log::quoted(reply.text()));
  tell_held(!reply.is_error() && reply.integer() >= static_cast<std::int64_t>(options_.wait_replicas));
  end_if_done();
}

void RedisLogs::tell_held(bool is_replicated) {
  for (LogRequestPtr& request : std::exchange(held_, {})) tell(std::move(request), is_replicated);
}

void RedisLogs::tell(LogRequestPtr request, bool is_replicated) {
  try {
    request->tell(is_replicated);
  } catch (...) {
    callback_threw();
  }
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

void RedisLogs::expire_later() {
  const auto due = queue_.next_deadline();
  if (!due || state_ == State::stopped) return;
  if (expiry_.expiry() > Clock::now() && expiry_.expiry() <= *due) return;  // it waits already
  expiry_.expires_at(*due);
  expiry_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    for (LogRequestPtr& request : queue_.expire(Clock::now())) give_up(std::move(request));
    end_if_done();
    expire_later();
  });
}

void RedisLogs::finish(std::chrono::milliseconds patience) {
  {
    const std::lock_guard lock(inbox_.mutex);
    inbox_.is_open = false;
  }
  take_asked();
  is_finishing_ = true;
  if (!is_up() || patience == patience.zero()) return stop();
  patience_.expires_after(patience);
  patience_.async_wait([this](const boost::system::error_code& error) {
    if (!error) stop();
  });
  end_if_done();
}

void RedisLogs::end_if_done() {
  if (is_finishing_ && state_ != State::stopped && queue_.size() == 0 && held_.empty()) stop();
}

void RedisLogs::stop() {
  state_ = State::stopped;
  patience_.cancel();
  expiry_.cancel();
  for (LogRequestPtr& request : queue_.expire(Clock::time_point::max())) give_up(std::move(request));
  tell_held(false);
  link_.stop();
}

}  // namespace hearth::broker
