#include "broker/presence_link.hpp"

#include "log/quoted.hpp"
#include "redis/locator.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <utility>

namespace hearth::broker {

PresenceLink::PresenceLink(const boost::asio::any_io_executor& executor, RedisOptions options, redis::Tls* tls,
                           bool takes_over, Owner& owner)
    : options_(std::move(options)),
      owner_(owner),
      link_(executor, options_, tls, "presence", *this),
      was_up_(takes_over) {}

void PresenceLink::stop() {
  stopped_ = true;
  link_.stop();
  fail_all();
}

void PresenceLink::send(PresenceQuestion question, bool is_asking) {
  if (is_asking) {
    link_.send(redis::RespCommand::of({"ASKING"}).bytes());
    awaited_.emplace_back();
  }
  link_.send(question.command.bytes());
  bytes_ += question.command.size();
  awaited_.push_back(std::move(question));
}

void PresenceLink::link_up() {
  has_failed_ = false;
  owner_.presence_link_up(*this, std::exchange(was_up_, true));
}

void PresenceLink::link_down(const std::string& reason) {
  has_failed_ = true;
  fail_all();
  owner_.presence_link_down(*this, reason);
}

void PresenceLink::fail_all() {
  bytes_ = 0;
  for (PresenceQuestion& question : std::exchange(awaited_, {})) {
    if (question.answer) owner_.presence_answered(*this, std::move(question), nullptr);
  }
}

// A master that has become a replica answers reads as before.
void PresenceLink::link_ping() {
  PresenceQuestion role{redis::RespCommand::of({"ROLE"}), [this](const redis::RespReply* reply) {
                          if (reply != nullptr && !redis::may_be_master(*reply)) link_.fail(redis::kNoMasterAnyMore);
                        }};
  send(std::move(role));
}

void PresenceLink::link_reply(const redis::RespReply& reply) {
  if (awaited_.empty()) return link_.fail("Redis answered what it was not asked: " + log::quoted(reply.text()));
  PresenceQuestion question = std::move(awaited_.front());
  awaited_.pop_front();
  bytes_ -= question.command.size();
  if (question.answer) owner_.presence_answered(*this, std::move(question), &reply);
}

}  // namespace hearth::broker
