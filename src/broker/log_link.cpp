#include "broker/log_link.hpp"

#include "broker/log_scripts.hpp"
#include "log/quoted.hpp"
#include "redis/locator.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

namespace hearth::broker {

namespace {

constexpr std::size_t kBatch = std::size_t{256} * 1024;

std::int64_t clock_ms() {
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

LogLink::LogLink(const boost::asio::any_io_executor& executor, RedisOptions options, redis::Tls* tls,
                 const Settings& settings, Owner& owner)
    : options_(std::move(options)),
      settings_(settings),
      owner_(owner),
      link_(executor, options_, tls, "history", *this),
      compares_run_ids_(settings.compares_run_ids),
      may_have_changed_(settings.takes_over) {
  connection_.meta_ttl = options_.history_meta_ttl;
}

void LogLink::start() { link_.start(); }

void LogLink::stop() {
  state_ = State::stopped;
  to_send_.clear();
  tell_held(false);
  link_.stop();
}

void LogLink::add(LogSlot& slot) {
  if (!slot.is_linked()) to_send_.push_back(slot);
}

void LogLink::stop_comparing() {
  compares_run_ids_ = false;
  connection_.run_id.clear();
}

void LogLink::link_up() {
  state_ = State::greeting;
  for (const Expected reply : {Expected::run_id, Expected::promotion, Expected::append_script, Expected::read_script}) {
    dialogue_.expect(reply);
  }
  link_.send(redis::RespCommand::of({"INFO", "server"}).bytes());
  link_.send(redis::RespCommand::of({"INFO", "replication"}).bytes());
  link_.send(redis::RespCommand::of({"SCRIPT", "LOAD", kAppendScript}).bytes());
  link_.send(redis::RespCommand::of({"SCRIPT", "LOAD", kReadScript}).bytes());
}

void LogLink::link_down(const std::string& reason) {
  if (state_ != State::stopped) state_ = State::down;
  has_failed_ = true;
  dialogue_.lost();
  owner_.log_link_down(*this, reason);
  tell_held(false);
}

// A master that has become a replica answers reads as before.
void LogLink::link_ping() {
  link_.send(redis::RespCommand::of({"ROLE"}).bytes());
  dialogue_.expect(Expected::ping);
}

void LogLink::link_reply(const redis::RespReply& reply) {
  if (is_stopped()) return;
  if (dialogue_.expects_nothing())
    return link_.fail("Redis answered what it was not asked: " + log::quoted(reply.text()));
  const auto [to, appends, slot] = dialogue_.take();
  if (slot != nullptr) {
    const std::size_t requests = to == Expected::appends ? appends : 1;
    const auto redirect = settings_.is_of_cluster && reply.is_error()
                              ? redis::read_redirect(reply.text(), endpoint().host)
                              : std::nullopt;
    if (redirect || slot->is_redirected) return turned_away(*slot, requests, redirect ? &*redirect : nullptr);
  }
  // Order is kept, so all that follow are sent again too.
  if (reply.is_error() && is_for_now(reply.text())) {
    return link_.fail("Redis refused a command for now: " + log::quoted(reply.text()));
  }
  switch (to) {
    case Expected::ping:
      if (!redis::may_be_master(reply)) link_.fail(redis::kNoMasterAnyMore);
      return;
    case Expected::asking:
      return;
    case Expected::replicas:
      return replicated(reply);
    case Expected::part:
      return answered_in_part(*slot, reply);
    case Expected::request:
      answered(*slot, reply, 0);
      break;
    case Expected::appends:
      for (std::size_t place = 0; place < appends; ++place) answered(*slot, reply, place);
      break;
    case Expected::run_id:
    case Expected::promotion:
    case Expected::append_script:
    case Expected::read_script:
      return greet(to, reply);
  }
  owner_.log_slot_answered(*slot);
  pump();
}

void LogLink::greet(Expected to, const redis::RespReply& reply) {
  if (to == Expected::run_id) {
    connection_.run_id = read_run_id(reply);
    if (connection_.run_id.empty() && compares_run_ids_) {
      owner_.log_link_warns("run_id",
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
  if (to == Expected::read_script) greeted();
}

void LogLink::greeted() {
  state_ = State::ready;
  has_failed_ = false;
  // ⚑ One process may have been promoted twice at the same place, and have lost what it had in between: whoever becomes
  // a replica breaks its connections off, and nothing else that this instance sees needs to have changed.
  const bool is_back = std::exchange(may_have_changed_, true);
  run_id_ = connection_.run_id;
  if (!compares_run_ids_) connection_.run_id.clear();
  owner_.log_link_up(*this, is_back);
  pump();
}

void LogLink::pump() {
  if (!is_up() || !link_.is_writable()) return;
  std::string batch;
  const std::int64_t now = clock_ms();
  while (!to_send_.empty() && !dialogue_.is_full() && batch.size() + dialogue_.bytes() < kBatch) {
    if (!send_next(to_send_.front(), batch, now)) to_send_.pop_front();
  }
  // Others come first the next time.
  if (!to_send_.empty()) to_send_.splice(to_send_.end(), to_send_, to_send_.begin());
  dialogue_.end_command(batch, connection_, now);
  if (std::exchange(has_appends_, false) && options_.wait_replicas > 0) {
    batch += redis::RespCommand::of(
                 {"WAIT", std::to_string(options_.wait_replicas), std::to_string(options_.wait_timeout.count())})
                 .bytes();
    dialogue_.expect(Expected::replicas);
  }
  if (!batch.empty()) link_.send(batch);
}

/// False if there is nothing more of this slot that may be sent now.
bool LogLink::send_next(LogSlot& slot, std::string& batch, std::int64_t now) {
  const LogRequestPtr* const upcoming = slot.queue.peek();
  const bool may_go = !slot.is_paused && !slot.is_redirected && slot.link == this;
  if (upcoming == nullptr || !may_go || (*upcoming)->is_asking() != slot.asks) return false;
  const auto next = slot.queue.next();
  if (!next) return false;
  LogRequest& request = **next->item;
  request.set_asking(false);
  if (const LogAppend* append = request.append()) {
    const LogNumber number{settings_.publisher, next->sequence, next->previous};
    dialogue_.append(slot, *append, number, request.bytes(), batch, connection_, now);
    has_appends_ = true;
    return true;
  }
  dialogue_.end_command(batch, connection_, now);
  if (slot.asks) dialogue_.say_asking(batch);
  batch += request.command(connection_, now);
  for (std::size_t i = 1; i < request.replies(); ++i) dialogue_.expect(Expected::part, &slot);
  dialogue_.expect(Expected::request, &slot);
  return true;
}

/// Answers that come behind one that was none do not count: what they are to is sent again after it, and recognised.
void LogLink::turned_away(LogSlot& slot, std::size_t requests, const redis::Redirect* redirect) {
  const bool is_given_away = redirect != nullptr && redirect->kind == redis::Redirect::Kind::ask;
  for (std::size_t i = 0; i < requests; ++i) {
    if (LogRequestPtr* request = slot.queue.oldest_under_way()) (*request)->set_asking(is_given_away);
    slot.queue.out_of_order();
  }
  slot.is_redirected = true;
  if (redirect != nullptr) owner_.log_slot_redirected(*this, slot, *redirect);
  owner_.log_slot_answered(slot);
  pump();
}

/// One of several replies to a question, but not the last.
void LogLink::answered_in_part(LogSlot& slot, const redis::RespReply& reply) {
  LogRequestPtr* const request = slot.queue.oldest_under_way();
  if (request != nullptr) owner_.log_request_noted(**request, (*request)->take(reply, 0));
}

void LogLink::answered(LogSlot& slot, const redis::RespReply& reply, std::size_t place) {
  LogRequestPtr* const waiting = slot.queue.oldest_under_way();
  const LogRequest::Notes notes = waiting != nullptr ? (*waiting)->take(reply, place) : LogRequest::Notes();
  slot.redirects = 0;
  if (notes.is_out_of_order) {
    slot.queue.out_of_order();
  } else if (auto request = slot.queue.answered()) {
    owner_.log_request_noted(**request, notes);
    const bool waits = options_.wait_replicas > 0 && ((*request)->append() != nullptr || !held_.empty());
    waits ? held_.push_back(*std::move(request)) : owner_.log_request_done(*std::move(request), true);
  }
}

void LogLink::replicated(const redis::RespReply& reply) {
  if (reply.is_error()) {
    owner_.log_link_warns("wait", "Redis does not wait for replicas: " + log::quoted(reply.text()));
  }
  tell_held(!reply.is_error() && reply.integer() >= static_cast<std::int64_t>(options_.wait_replicas));
}

void LogLink::tell_held(bool is_replicated) {
  if (held_.empty()) return;
  for (LogRequestPtr& request : std::exchange(held_, {})) owner_.log_request_done(std::move(request), is_replicated);
  owner_.log_link_let_go();
}

}  // namespace hearth::broker
