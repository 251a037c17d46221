#pragma once

#include "hearth/redis_options.hpp"
#include "redis/link.hpp"
#include "redis/resp.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

namespace hearth::broker {

/// A question about who is in rooms, until it is answered.
struct PresenceQuestion {
  /// Null: the link broke first, or there was none.
  using Answer = std::function<void(const redis::RespReply*)>;

  redis::RespCommand command;
  Answer answer;
  std::uint16_t slot = 0;  ///< in which its keys lie, in a Cluster
  unsigned redirects = 0;  ///< that have been followed
};

/// A link to one server that knows who is in rooms. What is not answered when it breaks fails. For one thread; may be
/// destroyed when it was never started, or is over.
class PresenceLink final : private redis::Link::Owner {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    /// `is_again`: what was said before may be lost.
    virtual void presence_link_up(PresenceLink& link, bool is_again) = 0;
    virtual void presence_link_down(PresenceLink& link, const std::string& reason) = 0;
    virtual void presence_answered(PresenceLink& link, PresenceQuestion question, const redis::RespReply* reply) = 0;
  };

  /// `takes_over`: another server had before what it has.
  PresenceLink(const boost::asio::any_io_executor& executor, RedisOptions options, redis::Tls* tls, bool takes_over,
               Owner& owner);

  void start() { link_.start(); }
  /// What is not answered fails.
  void stop();
  void fail(std::string reason) { link_.fail(std::move(reason)); }

  /// While it is up. `is_asking`: of a node of a Cluster that does not have the slot yet.
  void send(PresenceQuestion question, bool is_asking = false);

  const RedisEndpoint& endpoint() const noexcept { return options_.endpoints.front(); }
  bool is_up() const noexcept { return link_.is_up() && !stopped_; }
  bool is_away() const noexcept { return !link_.is_up() && has_failed_; }
  bool is_stopped() const noexcept { return stopped_; }
  bool is_over() const noexcept { return stopped_ && link_.is_over(); }
  /// Bytes of what is not answered.
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  void link_up() override;
  void link_down(const std::string& reason) override;
  void link_reply(const redis::RespReply& reply) override;
  void link_ping() override;
  void fail_all();

  const RedisOptions options_;
  Owner& owner_;
  redis::Link link_;
  std::deque<PresenceQuestion> awaited_;  // those without an answer to be told are the link's own
  std::size_t bytes_ = 0;                 // of those
  bool was_up_;                           // or another server was, in its place
  bool has_failed_ = false;               // since it was up last
  bool stopped_ = false;
};

}  // namespace hearth::broker
