#pragma once

#include "backend/circuit.hpp"
#include "backend/http_client.hpp"
#include "backend/places.hpp"
#include "backend/signature.hpp"
#include "backend/statistics.hpp"
#include "config/config.hpp"
#include "hearth/handler.hpp"
#include "hearth/json.hpp"
#include "hearth/log.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::app {

/// A question to the backend.
struct BackendQuestion {
  /// What is wrong with the body of a yes, which is an object; empty if nothing is.
  using Check = std::function<std::string(JsonView)>;

  BackendRequestType type;
  std::string body{};
  Check check{};
  std::string_view traceparent{};                   ///< of what it comes from; good until the answer is there
  std::size_t most_answer = std::size_t{64} << 10;  ///< longest answer, in bytes
};

struct BackendAnswer {
  BackendOutcome outcome = BackendOutcome::connection;
  std::string why{};  ///< nobody could decide, for a log
  unsigned status = 0;
  std::string body{};  ///< of a yes, an object in JSON; of a no, whatever came

  bool is_yes() const noexcept { return outcome == BackendOutcome::yes; }
  bool is_no() const noexcept { return outcome == BackendOutcome::no; }
  JsonView object() const noexcept { return JsonView::trusted(body); }
};

/// The one address that is asked who may do what (docs/backend.md). Whatever is not a clear yes is none.
///
/// One thread, that of the HTTP client.
class Backend {
 public:
  using Log = std::function<void(LogLevel, std::string_view line)>;

  /// Without `backend.url`, whoever asks is told that nobody can decide.
  Backend(HttpClient& http, boost::asio::any_io_executor executor, const config::BackendConfig& config, Log log);

  /// Throws for want of memory, and when it is cancelled.
  Awaitable<BackendAnswer> ask(BackendQuestion question);
  /// Sends something that is no question, once, under an id of the caller's. Why it was not taken, that is not answered
  /// with a status of 2xx; empty if it was.
  Awaitable<std::string> deliver(std::string body, std::string id);
  /// What is asked from now on is asked like this. Without a URL all goes on as before for those who still ask.
  void update(const config::BackendConfig& config);
  /// Nothing is logged any more.
  void close() noexcept { is_closed_ = true; }
  /// From any thread; nothing if there is no URL.
  std::optional<BackendStatistics> statistics() const;

 private:
  using Clock = std::chrono::steady_clock;
  class Under;

  Awaitable<BackendAnswer> send(const BackendQuestion& question);
  HttpRequest request_of(const BackendQuestion& question, const std::string& id, const std::string& traceparent,
                         std::chrono::milliseconds timeout) const;
  BackendAnswer answer_of(HttpAnswer http, const BackendQuestion& question) const;
  BackendAnswer unavailable(BackendOutcome outcome, std::string why) const { return {outcome, std::move(why), 0, {}}; }
  void conclude(Circuit::Attempt attempt, const BackendAnswer& answer);
  void count(BackendRequestType type, BackendOutcome outcome);
  void time(BackendRequestType type, Clock::duration duration);

  HttpClient& http_;
  config::BackendConfig config_;
  WebhookSigner signer_;
  const Log log_;
  Places places_;
  Circuit circuit_{};
  std::atomic<bool> is_there_;
  std::atomic<bool> is_open_{false};  // the circuit
  bool is_closed_ = false;
  mutable std::mutex mutex_{};
  BackendStatistics statistics_;  // guarded by mutex_
};

}  // namespace hearth::app
