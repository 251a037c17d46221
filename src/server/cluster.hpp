#pragma once

#include "hearth/broker.hpp"
#include "hearth/cluster.hpp"
#include "server/answer_json.hpp"
#include "shard/blocks.hpp"
#include "shard/control_plane.hpp"
#include "shard/switchboard.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::server {

/// The other instances of a cluster, as far as one knows of them, and what they ask each other (docs/protocol.md,
/// Control messages). An instance says when it begins and when it ends; who hears of a new one says that it is there
/// too. From any thread.
class Cluster : public std::enable_shared_from_this<Cluster> {
 public:
  using Done = std::function<void(std::vector<NodeAnswer>)>;

  /// Questions under way, past which others are answered by this instance alone.
  static constexpr std::size_t kMostQuestions = 1000;
  /// Other instances that are known.
  static constexpr std::size_t kMostNodes = 10'000;
  /// For which one may leave questions without an answer before it is forgotten.
  static constexpr std::chrono::seconds kPatience{60};

  /// What is said of this instance, at the moment.
  using Report = std::function<NodeReport()>;

  /// `switchboard` and `blocks` are used between `begin` and `end` alone.
  Cluster(std::shared_ptr<shard::ControlPlane> plane, const shard::Switchboard& switchboard,
          const shard::Blocks& blocks, Report report)
      : plane_(std::move(plane)), switchboard_(switchboard), blocks_(blocks), report_(std::move(report)) {}

  /// The broker is ready.
  void begin();
  /// Nothing is answered any more. Before the broker is stopped.
  void end();
  /// The link was down: who others are may have changed.
  void announce(bool is_ending = false);

  /// False: it is about something else.
  bool hear(const BrokerControl& control);
  void ask(const ClusterQuestion& question, std::chrono::milliseconds within, Done done);

 private:
  using Clock = std::chrono::steady_clock;

  struct Node {
    std::string name;
    std::optional<Clock::time_point> silent_since{};  ///< it has left a question without an answer
  };
  struct Asked {
    std::map<std::string, NodeAnswer> answers;  ///< of all that are known, by id; of others as they come
    std::set<std::string> missing;
    std::optional<NodeAnswer> own;
    bool is_late = false;  ///< nobody is waited for any more but this instance
    Done done;
  };

  Broker* broker() const noexcept { return plane_->options().broker.get(); }
  bool say(const std::string& json) const;
  void heard(std::string_view id, std::string name, bool is_ending);
  void ended(const std::string& id);
  void answer_here(const ClusterQuestion& question, std::function<void(NodeAnswer)> then);
  void answer(std::string to, const NumberedQuestion& question);
  void take(std::uint64_t number, NodeAnswer answer);
  void expire_later(std::uint64_t number, std::chrono::milliseconds within);
  void finish(std::uint64_t number, bool is_late);

  const std::shared_ptr<shard::ControlPlane> plane_;
  const shard::Switchboard& switchboard_;
  const shard::Blocks& blocks_;
  const Report report_;

  std::mutex mutex_;  // of all below
  bool is_running_ = false;
  std::uint64_t last_number_ = 0;
  std::map<std::string, Node, std::less<>> nodes_;  // by id
  std::map<std::uint64_t, Asked> asked_;            // by number
};

}  // namespace hearth::server
