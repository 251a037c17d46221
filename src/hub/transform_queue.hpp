#pragma once

#include "hearth/encryption_options.hpp"
#include "hearth/handler.hpp"
#include "hub/outcome.hpp"
#include "protocol/client_id.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace hearth::hub {

class ServerCore;

/// A message on its way through a coroutine `outbound_transformer`.
struct Transformation {
  protocol::ClientId client;
  std::string client_id;
  std::optional<std::string> user_id;
  std::string envelope;  ///< as it was before
  std::string event;
  std::string data;
  std::string id_json;
  Outcome<OutboundResult> outcome{};

  OutboundMessage request() const {
    return {client_id, user_id ? std::optional<std::string_view>(*user_id) : std::nullopt, event,
            JsonView::trusted(data)};
  }
};

/// Runs coroutine transformers on the control plane: a limited number at a time over all shards, and of each client one
/// after the other. From any thread. How much may wait is up to the shards, which know their clients.
class TransformQueue {
 public:
  explicit TransformQueue(ServerCore& core) noexcept : core_(core) {}

  /// `done` is called once, on the control plane, for a client's messages in the order in which they were added.
  void add(std::shared_ptr<Transformation> message, std::function<void(std::shared_ptr<Transformation>)> done);

 private:
  struct Job {
    std::shared_ptr<Transformation> message;
    std::function<void(std::shared_ptr<Transformation>)> done;
  };
  using ClientId = protocol::ClientId;

  void start_more();
  void run(const ClientId& client, Job job);
  void finished(const ClientId& client);

  ServerCore& core_;
  std::mutex mutex_;                                                                   // of the members below
  boost::unordered_flat_map<ClientId, std::deque<Job>, std::hash<ClientId>> waiting_;  // those at work included
  std::deque<ClientId> ready_;                                                         // with messages, none at work
  std::size_t running_ = 0;
};

}  // namespace hearth::hub
