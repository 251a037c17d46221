#include "server/broker_port.hpp"

#include "protocol/escaped.hpp"
#include "protocol/iso_time.hpp"
#include "server/order_json.hpp"
#include "shard/outcome.hpp"

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <utility>

namespace hearth::server {

namespace {

thread_local unsigned in_sink = 0;

/// While it lives, the thread is at work for a broker.
class InSink {
 public:
  InSink() noexcept { ++in_sink; }
  ~InSink() { --in_sink; }
  InSink(const InSink&) = delete;
  InSink& operator=(const InSink&) = delete;
};

Awaitable<void> call_gap_handler(std::shared_ptr<shard::ControlPlane> plane, BrokerGap gap) {
  if (!plane->slots().is_closed()) co_await plane->options().broker_gap.start(gap);
}

Awaitable<void> call_rollback_handler(std::shared_ptr<shard::ControlPlane> plane, history::Rollback lost) {
  const HistoryRolledBack told{lost.room, lost.epoch, lost.from, lost.to};
  if (!plane->slots().is_closed()) co_await plane->options().history_rolled_back.start(told);
}

/// Calls a handler, on this thread or as a coroutine, and logs what it throws.
template <class Handler, class Plain, class Coroutine>
void call_handler(const std::shared_ptr<shard::ControlPlane>& plane, std::string_view name, const Handler& handler,
                  Plain plain, Coroutine coroutine) {
  const auto complain = [plane, name](const shard::Outcome<void>& outcome) {
    if (!outcome.threw()) return;
    plane->log()(LogLevel::error, "handler_threw", "a handler threw", {{"handler", name}, {"what", outcome.what()}});
  };
  if (handler.is_coroutine()) {
    boost::asio::co_spawn(plane->executor(), coroutine(),
                          [complain](std::exception_ptr error) { complain(shard::Outcome<void>(std::move(error))); });
  } else {
    complain(shard::Outcome<void>::of(plain));
  }
}

}  // namespace

std::vector<protocol::ClientId> parse_ids(std::span<const std::string> texts) {
  std::vector<protocol::ClientId> ids;
  ids.reserve(texts.size());
  for (const std::string& text : texts) {
    if (const auto id = protocol::ClientId::parse(text)) ids.push_back(*id);
  }
  return ids;
}

bool BrokerPort::is_here() noexcept { return in_sink > 0; }

void BrokerPort::start() {
  if (broker() != nullptr) broker()->start(*this);
  started_ = true;
}

void BrokerPort::stop() {
  if (started_.exchange(false) && broker() != nullptr) broker()->stop();
}

void BrokerPort::cancel_start() {
  if (broker() != nullptr) broker()->cancel_start();
}

void BrokerPort::publish(const BrokerMessage& message) noexcept {
  if (broker() == nullptr || !started_) return;
  try {
    broker()->publish(message);
  } catch (const std::exception& error) {
    plane_->log()(LogLevel::error, "broker_publish_failed",
                  "the broker threw, and other instances do not get a message",
                  {{"event", message.event}, {"what", error.what()}});
  }
}

void BrokerPort::publish(const shard::Publication& publication, std::string_view event) noexcept {
  // The sender, whom an exclusion concerns, is here.
  publish({.address = publication.target,
           .event = event,
           .data = JsonView::trusted(publication.data),
           .from = JsonView::trusted(publication.from),
           .key = publication.key});
}

BrokerState BrokerPort::state() const {
  if (broker() != nullptr) return broker()->state();
  return started_ ? BrokerState::ready : BrokerState::stopped;
}

BrokerStatistics BrokerPort::statistics() const {
  return broker() != nullptr ? broker()->statistics() : BrokerStatistics();
}

HistoryMetrics BrokerPort::history_metrics() const {
  HistoryMetrics metrics = feeds_.metrics();
  metrics.unrecorded = unrecorded_;
  return metrics;
}

// A publication in a room that does not remember here, by another instance or an emitter, is a message like any other.
void BrokerPort::publication(const PublicationPtr& publication) {
  const std::string_view room = publication->room();
  if (remembering_.rule_of(room) != nullptr) {
    if (watches_.any()) watches_.see(*publication);
    return feeds_.publication(publication);
  }
  message({.address = BrokerAddress::room(room),
           .event = publication->event(),
           .data = publication->data(),
           .from = publication->from(),
           .exclude = publication->exclude(),
           .key = publication->key()});
}

void BrokerPort::message(const BrokerMessage& message) {
  const InSink here;
  ++messages_;
  if (message.address.kind == BrokerAddress::Kind::room && remembering_.rule_of(message.address.name) != nullptr) {
    ++unrecorded_;
  }
  const auto excluded = parse_ids(message.exclude);
  const protocol::Escaped event(message.event);
  switchboard_.deliver(
      {message.address, excluded, event.text(), message.data.text(), message.from.text(), message.key});
}

bool BrokerPort::carry_out(const shard::Order& order) {
  if (!carry_out_here(order)) return false;
  if (broker() == nullptr) return true;
  if (!started_) return false;
  try {
    if (order.op == shard::Order::Op::block) broker()->keep_block(order.block);
    if (order.op == shard::Order::Op::unblock) broker()->forget_block(order.block.user, order.block.token);
    const std::string json = order_json(order);
    if (broker()->control(JsonView::trusted(json))) return true;
    plane_->log()(LogLevel::error, "control_not_sent", "the broker does not take what other instances are to do", {});
  } catch (const std::exception& error) {
    plane_->log()(LogLevel::error, "control_not_sent", "the broker threw, and other instances are not told what to do",
                  {{"what", error.what()}});
  }
  return false;
}

bool BrokerPort::carry_out_here(shard::Order order) {
  const auto now = std::chrono::system_clock::now();
  if (order.op == shard::Order::Op::block && !blocks_.add(order.block, now)) {
    plane_->log()(LogLevel::error, "block_not_taken", "there are too many blocks, one more is not taken", {});
    return false;
  }
  if (order.op == shard::Order::Op::unblock) {
    blocks_.remove(order.block.user, order.block.token);
    return true;
  }
  const auto shared = std::make_shared<const shard::Order>(std::move(order));
  for (const auto& shard : switchboard_.shards()) {
    shard->run([shared](shard::Shard& at) { at.carry_out(*shared); });
  }
  return true;
}

void BrokerPort::control(const BrokerControl& control) {
  const InSink here;
  if (cluster_.hear(control)) return;
  if (auto order = read_order(control.message)) {
    carry_out_here(*std::move(order));
    return;
  }
  plane_->log()(LogLevel::debug, "control_unknown", "another instance wants something that this one does not know",
                {{"op", control.op}, {"from", control.sender}});
}

void BrokerPort::blocks(std::span<const Block> blocks, std::chrono::system_clock::time_point known_since) {
  const InSink here;
  if (!blocks_.take(blocks, known_since, std::chrono::system_clock::now())) return;
  for (const auto& shard : switchboard_.shards()) {
    shard->post([](shard::Shard& at) { at.close_blocked(); }, false);
  }
}

void BrokerPort::gap(std::chrono::system_clock::time_point from, std::chrono::system_clock::time_point to) {
  const InSink here;
  plane_->log()(LogLevel::warning, "broker_gap", "messages from other instances may have been missed",
                {{"from", protocol::iso_time(from)}, {"to", protocol::iso_time(to)}});
  cluster_.announce();
  const auto& handler = plane_->options().broker_gap;
  if (!handler) return;
  const BrokerGap gap{from, to};
  call_handler(
      plane_, "broker_gap", handler, [&] { handler.call(gap); }, [&] { return call_gap_handler(plane_, gap); });
}

void BrokerPort::rolled_back(const history::Rollback& lost) {
  const InSink here;
  const auto& handler = plane_->options().history_rolled_back;
  plane_->log()(LogLevel::warning, "history_rolled_back", "the log of a room has lost what was confirmed",
                {{"room", lost.room},
                 {"epoch", lost.epoch.str()},
                 {"from", std::to_string(lost.from)},
                 {"to", std::to_string(lost.to)}});
  if (!handler) return;
  call_handler(
      plane_, "history_rolled_back", handler,
      [&] {
        handler.call({lost.room, lost.epoch, lost.from, lost.to});
      },
      [&] { return call_rollback_handler(plane_, lost); });
}

void BrokerPort::log(LogLevel level, std::string_view line) { plane_->log()(level, "broker", line); }

}  // namespace hearth::server
