#pragma once

#include "backend/backend.hpp"
#include "backend/events.hpp"
#include "backend/http_client.hpp"
#include "backend/key_sets.hpp"
#include "backend/node_register.hpp"
#include "backend/node_watch.hpp"
#include "backend/question.hpp"
#include "config/config.hpp"
#include "hearth/jwt.hpp"
#include "hearth/log.hpp"
#include "hearth/redis_client.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>

namespace hearth::app {

/// The thread on which `hearth serve` asks others, with what does so.
class BackendThread {
 public:
  /// `verifier` is given the keys that are fetched; null if there are none to be given to. Throws what threads and
  /// libcurl do. `log` is called on the thread, from start() on until quiet() has returned.
  BackendThread(const config::Config& config, const NodeName& node, std::shared_ptr<JwtVerifier> verifier,
                const Backend::Log& log);
  /// Ends what is under way. Nothing may be asked any more.
  ~BackendThread();  // NOLINT(bugprone-exception-escape): for want of memory alone, at the end of the process
  BackendThread(const BackendThread&) = delete;
  BackendThread& operator=(const BackendThread&) = delete;

  /// For the coroutines that ask, and all else that a server does beside its shards.
  boost::asio::any_io_executor executor() { return io_.get_executor(); }
  /// Without `backend.url` nobody asks it, and a reload may bring one.
  Backend& backend() noexcept { return backend_; }
  /// Without a `jwks_url` there are none in it, and a reload may bring some.
  KeySets& key_sets() noexcept { return key_sets_; }
  /// Null without `events.to`.
  Events* events() noexcept { return events_ ? &*events_ : nullptr; }

  /// Begins what is done without being asked, but for events, which are sent from start_events() on.
  void start();
  void start_events();
  /// From now on this instance says in `list`, where it stands, that it lives, and tells of those that do not. Once;
  /// `list` has to outlive this, and what `teller` calls.
  void watch_nodes(NodeRegister& list, std::chrono::milliseconds lost_after, NodeWatch::Teller teller);
  /// Has it stay in that list at the end, so that another one reports it as lost.
  void stay_listed() noexcept { leaves_list_ = false; }

  /// The backend is asked like this when it returns, and the keys of these issuers are fetched, for this verifier. From
  /// any other thread.
  void update(const config::Config& config, const std::shared_ptr<JwtVerifier>& verifier);
  /// From any other thread: logs nothing any more when it returns.
  void quiet();

 private:
  void run();
  void log(LogLevel level, std::string_view line) const;
  Backend::Log logger() const;
  /// Has the thread do it, and waits until that is done. Throws what it does.
  template <class Function>
  void do_there(Function function);

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  HttpClient http_;
  const Backend::Log log_;
  bool is_quiet_ = false;  // the thread's own
  Backend backend_;
  KeySets key_sets_;
  std::unique_ptr<RedisClient> redis_{};  // for events
  std::optional<Events> events_{};
  std::optional<NodeWatch> nodes_{};
  const NodeName node_;
  bool leaves_list_ = true;
  std::thread thread_;
};

}  // namespace hearth::app
