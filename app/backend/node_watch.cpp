#include "backend/node_watch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <utility>

namespace hearth::app {

namespace asio = boost::asio;

using Clock = std::chrono::steady_clock;

namespace {

// An instance that was lost, came back and is lost again is another event.
std::string id_of(const ListedNode& node) {
  return "lost-" + node.id + (node.life > 1 ? "-" + std::to_string(node.life) : "");
}

}  // namespace

NodeWatch::NodeWatch(asio::any_io_executor executor, NodeRegister& list, NodeName node,
                     std::chrono::milliseconds lost_after, Teller teller, Log log)
    : executor_(std::move(executor)),
      register_(list),
      node_(std::move(node)),
      lost_after_(lost_after),
      teller_(std::move(teller)),
      log_(std::move(log)),
      timer_(executor_),
      list_(node_.id, lost_after, Clock::now()) {}

void NodeWatch::start() { asio::co_spawn(executor_, run(), asio::detached); }

void NodeWatch::close(bool leaves) {
  is_closed_ = true;
  timer_.cancel();
  for (const std::string& id : reported_) register_.let_go(id, node_.id);
  if (leaves) register_.leave(node_.id);  // after every beat
  register_.shutdown();
}

Awaitable<void> NodeWatch::run() {
  while (!is_closed_) {
    co_await beat();
    if (is_closed_) break;
    co_await remove_reported();
    if (is_closed_) break;
    timer_.expires_after(list_.interval());
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

Awaitable<void> NodeWatch::beat() {
  const Clock::time_point sent = Clock::now();
  const bool tells = teller_.tells();
  const NodeAnswer answer = co_await register_.beat(executor_, node_, list_.life(), tells);
  if (is_closed_) co_return;
  note(answer.why);
  if (!answer.look) co_return list_.failed();
  const NodeList::Findings findings = list_.beaten(*answer.look, tells, sent, Clock::now());
  if (findings.was_removed) {
    log_(LogLevel::warning,
         "this instance was silent for long enough to be reported as lost; it tells of itself and its clients again");
    teller_.was_lost();
  }
  forgotten_.insert(forgotten_.end(), findings.forgotten.begin(), findings.forgotten.end());
  co_await put_back_forgotten();
  for (const ListedNode& node : findings.lost) {
    const bool is_ours = co_await register_.claim(executor_, node, node_.id);
    if (is_closed_) co_return;
    if (is_ours) report(node, tells);
  }
}

void NodeWatch::report(const ListedNode& node, bool tells) {
  list_.begin(node.id);
  if (!tells) return told(node.id, true);
  log_(LogLevel::warning, "the instance " + node.name + " (" + node.id + ") is lost: it has been silent for " +
                              std::to_string(lost_after_.count()) + " ms or longer");
  teller_.lost({node.id, node.name}, id_of(node), [this, id = node.id](bool has_arrived) { told(id, has_arrived); });
}

// If there was no room for it, it is found in the list again.
void NodeWatch::told(const std::string& id, bool has_arrived) {
  if (!has_arrived) return list_.end(id);
  reported_.insert(id);
  timer_.cancel();
}

Awaitable<void> NodeWatch::put_back_forgotten() {
  if (forgotten_.empty()) co_return;
  const bool are_back = co_await register_.put_back(executor_, forgotten_);
  if (are_back) forgotten_.clear();
}

// While Redis cannot be reached it stays there, claimed.
Awaitable<void> NodeWatch::remove_reported() {
  const std::vector<std::string> ids(reported_.begin(), reported_.end());
  for (const std::string& id : ids) {
    const bool is_removed = co_await register_.remove(executor_, id, node_.id);
    if (is_closed_) co_return;
    if (!is_removed) co_return;
    reported_.erase(id);
    list_.end(id);
  }
}

void NodeWatch::note(const std::string& why) {
  const bool is_failing = !why.empty();
  if (is_failing == std::exchange(is_failing_, is_failing)) return;
  if (is_failing) {
    log_(LogLevel::warning, "the list of instances in Redis cannot be kept, and nobody is judged by it: " + why);
  } else {
    log_(LogLevel::info, "the list of instances in Redis is kept again");
  }
}

}  // namespace hearth::app
