#pragma once

#include "hearth/options.hpp"
#include "hub/hub.hpp"
#include "log/log.hpp"
#include "shard/control_plane.hpp"
#include "shard/letter.hpp"
#include "shard/transform_queue.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace hearth::shard {

/// Sends what clients get through `outbound_transformer`. The shard's thread alone.
class Transforms {
 public:
  class Host {
   public:
    virtual ~Host() = default;
    /// Sends as it is.
    virtual void send_plain(hub::Client& client, std::span<const std::string_view> pieces) = 0;
    /// A message is dropped because too much waits.
    virtual void drop(hub::Client& client) = 0;
  };

  Transforms(std::shared_ptr<ControlPlane> plane, std::shared_ptr<ShardMailbox> mailbox, const hub::Hub& hub,
             Host& host)
      : plane_(std::move(plane)),
        mailbox_(std::move(mailbox)),
        hub_(hub),
        host_(host),
        limit_(plane_->options().backpressure_limit) {}

  /// From now on so many bytes may wait for a client.
  void limit(std::size_t backlog) noexcept { limit_ = backlog; }

  /// `envelope` is a whole message. A plain transformer, which may send something itself, is called at once.
  void send(hub::Client& client, std::string_view envelope);
  /// Messages that a coroutine is at work on, or that wait for one.
  std::size_t running() const noexcept { return running_; }

 private:
  void finish(Transformation& done);
  void send_result(hub::Client& client, Transformation& message);

  const std::shared_ptr<ControlPlane> plane_;
  const std::shared_ptr<ShardMailbox> mailbox_;
  const hub::Hub& hub_;
  Host& host_;
  std::size_t limit_;
  std::size_t running_ = 0;
  boost::unordered_flat_map<protocol::ClientId, std::size_t, std::hash<protocol::ClientId>> waiting_;  // bytes
};

}  // namespace hearth::shard
