#pragma once

#include "hearth/encryption_options.hpp"
#include "hearth/handler.hpp"
#include "protocol/client_id.hpp"
#include "shard/outcome.hpp"
#include "shard/owned_requests.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hearth::shard {

class ControlPlane;

/// A message on its way through `outbound_transformer`.
struct Transformation {
  protocol::ClientId client;
  Owned<OutboundMessage> message;
  std::string id_json;
  std::size_t size;  ///< of the whole envelope, as it was before
  Outcome<OutboundResult> outcome{};
};

/// Runs coroutine transformers on the control plane: a limited number at a time over all shards, and of each client one
/// after the other. From any thread. How much may wait is up to the shards, which know their clients.
class TransformQueue {
 public:
  using Done = std::function<void(std::shared_ptr<Transformation>)>;

  explicit TransformQueue(ControlPlane& plane) noexcept : plane_(plane) {}

  /// `done` is called once, on the control plane, for a client's messages in the order in which they were added; not at
  /// all after `close`.
  void add(std::shared_ptr<Transformation> message, Done done);
  /// Takes messages again after `close`.
  void open();
  /// Nothing begins any more, what waits is dropped, and what is at work is told, by Asio's cancellation.
  void close();
  /// Waits until nothing is at work any more, but no longer than until then.
  void await_idle(std::chrono::steady_clock::time_point until);

 private:
  struct Job {
    std::shared_ptr<Transformation> message;
    Done done;
  };
  using ClientId = protocol::ClientId;
  struct Running;

  void start_more();
  void run(const ClientId& client, Job job, const std::shared_ptr<Running>& running);
  void finished(const ClientId& client, const std::shared_ptr<Running>& running);

  ControlPlane& plane_;
  std::mutex mutex_;  // of the members below
  std::condition_variable idle_;
  boost::unordered_flat_map<ClientId, std::deque<Job>, std::hash<ClientId>> waiting_;  // those at work included
  std::deque<ClientId> ready_;                                                         // with messages, none at work
  std::vector<std::shared_ptr<Running>> running_;
  bool closed_ = false;
};

}  // namespace hearth::shard
