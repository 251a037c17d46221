#include "hub/broker_port.hpp"

#include "hub/outcome.hpp"
#include "hub/server_core.hpp"
#include "protocol/envelope.hpp"
#include "protocol/iso_time.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <memory>

namespace hearth::hub {

namespace {

Awaitable<void> call_gap_handler(std::shared_ptr<ServerCore> core, BrokerGap gap) {
  co_await core->options().broker_gap.start(gap);
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

void BrokerPort::start() {
  if (Broker* broker = core_.options().broker.get()) broker->start(*this);
  started_ = true;
}

void BrokerPort::stop() {
  Broker* broker = core_.options().broker.get();
  if (started_.exchange(false) && broker != nullptr) broker->stop();
}

void BrokerPort::publish(const Target& target, std::string_view event, JsonView data,
                         std::span<const std::string> exclude, JsonView from) {
  Broker* broker = core_.options().broker.get();
  if (broker == nullptr || !started_) return;
  broker->publish({.address = target, .event = event, .data = data, .from = from, .exclude = exclude});
}

BrokerState BrokerPort::state() const {
  const Broker* broker = core_.options().broker.get();
  if (broker != nullptr) return broker->state();
  return started_ ? BrokerState::ready : BrokerState::stopped;
}

BrokerStatistics BrokerPort::statistics() const {
  const Broker* broker = core_.options().broker.get();
  return broker != nullptr ? broker->statistics() : BrokerStatistics();
}

void BrokerPort::message(const BrokerMessage& message) {
  const protocol::EnvelopeText text(message.event, message.data.text());
  std::vector<std::string_view> pieces(text.pieces().begin(), text.pieces().end());
  if (message.from) {
    pieces.back() = R"(,"from":)";  // in the place of the closing brace
    pieces.insert(pieces.end(), {message.from.text(), "}"});
  }
  const auto excluded = parse_ids(message.exclude);
  core_.deliver({message.address, excluded}, pieces);
}

void BrokerPort::gap(std::chrono::system_clock::time_point from, std::chrono::system_clock::time_point to) {
  log(LogLevel::warning, "messages from other instances between " + protocol::iso_time(from) + " and " +
                             protocol::iso_time(to) + " may have been missed");
  const auto& handler = core_.options().broker_gap;
  if (!handler) return;
  const auto complain = [core = core_.shared_from_this()](const std::string& what) {
    core->log()(LogLevel::error, "broker_gap handler threw: " + what);
  };
  if (handler.is_coroutine()) {
    boost::asio::co_spawn(core_.executor(), call_gap_handler(core_.shared_from_this(), {from, to}),
                          [complain](std::exception_ptr error) {
                            if (error) complain(Outcome<void>(std::move(error)).what());
                          });
    return;
  }
  const auto outcome = Outcome<void>::of([&] { handler.call({from, to}); });
  if (outcome.threw()) complain(outcome.what());
}

void BrokerPort::log(LogLevel level, std::string_view line) { core_.log()(level, line); }

}  // namespace hearth::hub
