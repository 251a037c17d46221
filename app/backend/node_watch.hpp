#pragma once

#include "backend/node_list.hpp"
#include "backend/node_register.hpp"
#include "backend/question.hpp"
#include "hearth/handler.hpp"
#include "hearth/log.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::app {

/// Says to the other instances that this one lives, and reports those that do not any more: each until that has been
/// taken, and then takes it out of the list. One thread, that of its executor; made and destroyed while that does not
/// run.
class NodeWatch {
 public:
  /// Whoever tells the backend. Called on the thread of the executor.
  struct Teller {
    std::function<bool()> tells{};  ///< whether instances are told of at all
    /// Tells that an instance is lost, under this id; then calls `outcome`, on the same thread: whether it was taken.
    std::function<void(const NodeName& node, const std::string& id, std::function<void(bool)> outcome)> lost{};
    /// This one was reported as lost, and lives: tells everything again.
    std::function<void()> was_lost{};
  };
  using Log = std::function<void(LogLevel, std::string_view line)>;

  /// `list`: in which `node` stands. It has to outlive this.
  NodeWatch(boost::asio::any_io_executor executor, NodeRegister& list, NodeName node,
            std::chrono::milliseconds lost_after, Teller teller, Log log);

  void start();
  /// Ends it. `leaves`: nobody is to report this one as lost. Takes a second at most.
  void close(bool leaves);

 private:
  Awaitable<void> run();
  Awaitable<void> beat();
  void report(const ListedNode& node, bool tells);
  Awaitable<void> put_back_forgotten();
  Awaitable<void> remove_reported();
  void told(const std::string& id, bool has_arrived);
  void note(const std::string& why);

  boost::asio::any_io_executor executor_;
  NodeRegister& register_;
  const NodeName node_;
  const std::chrono::milliseconds lost_after_;
  const Teller teller_;
  const Log log_;
  boost::asio::steady_timer timer_;
  NodeList list_;
  std::vector<ListedNode> forgotten_{};  // by Redis, and not in the list again
  std::set<std::string> reported_{};     // and still in the list
  bool is_failing_ = false;
  bool is_closed_ = false;
};

}  // namespace hearth::app
