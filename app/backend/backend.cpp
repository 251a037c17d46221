#include "backend/backend.hpp"

#include "backend/durations.hpp"
#include "backend/reading.hpp"
#include "backend/trace.hpp"

#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

namespace hearth::app {

namespace {

using std::chrono::milliseconds;

// In seconds.
constexpr std::array kBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0};

BackendStatistics empty_statistics() {
  BackendStatistics statistics;
  statistics.durations.fill(empty_histogram(kBounds));
  return statistics;
}

BackendOutcome outcome_of(HttpFailure failure) {
  if (failure == HttpFailure::timeout) return BackendOutcome::timeout;
  return failure == HttpFailure::too_long ? BackendOutcome::too_long : BackendOutcome::connection;
}

// Nothing if it is no JSON, or no object.
std::string what_is_wrong(const std::string& body, const BackendQuestion::Check& check) {
  const std::size_t begin = body.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos || body[begin] != '{') return "it is no object in JSON";
  try {
    const Json json{std::string_view(body)};
    return check ? check(json.view()) : std::string();
  } catch (const std::invalid_argument&) {
    return "it is no JSON";
  }
}

}  // namespace

/// A question that is being asked. What has no outcome at its end was given up.
class Backend::Under {
 public:
  Under(Backend& backend, Circuit::Attempt attempt) : backend_(backend), attempt_(attempt) {}
  ~Under() {
    if (!is_over_) backend_.circuit_.forget(attempt_);
  }
  Under(const Under&) = delete;
  Under& operator=(const Under&) = delete;

  void end(const BackendAnswer& answer) {
    is_over_ = true;
    backend_.conclude(attempt_, answer);
  }

 private:
  Backend& backend_;
  Circuit::Attempt attempt_;
  bool is_over_ = false;
};

Backend::Backend(HttpClient& http, boost::asio::any_io_executor executor, const config::BackendConfig& config, Log log)
    : http_(http),
      config_(config),
      signer_(config.secret),
      log_(std::move(log)),
      places_(std::move(executor), config.in_flight, config.queue),
      is_there_(config.url.has_value()),
      statistics_(empty_statistics()) {}

// Another one has not failed yet.
void Backend::update(const config::BackendConfig& config) {
  is_there_ = config.url.has_value();
  if (!is_there_) return;
  if (config.url != config_.url) {
    circuit_ = Circuit();
    is_open_ = false;
  }
  signer_ = WebhookSigner(config.secret);
  config_ = config;
  places_.limit(config.in_flight, config.queue);
}

Awaitable<BackendAnswer> Backend::ask(BackendQuestion question) {
  BackendAnswer answer = co_await send(question);
  count(question.type, answer.outcome);
  co_return answer;
}

Awaitable<BackendAnswer> Backend::send(const BackendQuestion& question) {
  if (!config_.url) co_return unavailable(BackendOutcome::connection, "there is none (backend.url)");
  const std::string closed =
      "the backend has failed " + std::to_string(Circuit::kMostFailures) + " times in a row, and is not asked now";
  if (!circuit_.admits(Clock::now())) co_return unavailable(BackendOutcome::circuit, closed);
  const Places::Taken taken = co_await places_.take(config_.timeout);
  if (taken.result == Places::Result::full) {
    co_return unavailable(BackendOutcome::queue, "too many questions wait (backend.queue)");
  }
  if (taken.result == Places::Result::late) {
    co_return unavailable(BackendOutcome::timeout, "all of backend.in_flight were taken for all of backend.timeout");
  }
  const Circuit::Attempt attempt = circuit_.begin(Clock::now());
  if (taken.result == Places::Result::refused || attempt == Circuit::Attempt::none) {
    co_return unavailable(BackendOutcome::circuit, closed);
  }
  Under under(*this, attempt);
  const std::string id = "msg_" + random_hex(16);
  const std::string traceparent = traceparent_from(question.traceparent);
  const Clock::time_point begun = Clock::now();
  HttpAnswer http = co_await http_.send(request_of(question, id, traceparent, config_.timeout));
  const auto left = config_.timeout - std::chrono::duration_cast<milliseconds>(Clock::now() - begun);
  if (http.may_be_repeated && left > milliseconds::zero()) {
    http = co_await http_.send(request_of(question, id, traceparent, left));
  }
  time(question.type, Clock::now() - begun);
  BackendAnswer answer = answer_of(std::move(http), question);
  under.end(answer);
  co_return answer;
}

Awaitable<std::string> Backend::deliver(std::string body, std::string id) {
  const BackendQuestion told{BackendRequestType::events, std::move(body)};
  const Clock::time_point begun = Clock::now();
  const HttpAnswer http = co_await http_.send(request_of(told, id, traceparent_from({}), config_.timeout));
  time(told.type, Clock::now() - begun);
  const bool is_taken = http.failure == HttpFailure::none && http.status >= 200 && http.status < 300;
  if (http.failure != HttpFailure::none) {
    count(told.type, outcome_of(http.failure));
    co_return http.error;
  }
  count(told.type, is_taken ? BackendOutcome::yes : BackendOutcome::status);
  co_return is_taken ? std::string() : "it has answered with " + std::to_string(http.status);
}

HttpRequest Backend::request_of(const BackendQuestion& question, const std::string& id, const std::string& traceparent,
                                milliseconds timeout) const {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t timestamp = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  HttpRequest request;
  request.url = *config_.url;
  request.fields = {"Content-Type: application/json",
                    "Accept: application/json",
                    "Expect:",
                    "User-Agent: hearth",
                    "webhook-id: " + id,
                    "webhook-timestamp: " + std::to_string(timestamp),
                    "webhook-signature: " + signer_.sign(id, timestamp, question.body),
                    "traceparent: " + traceparent};
  request.body = question.body;
  request.timeout = timeout;
  request.most_answer = question.most_answer;
  request.certificates = {config_.ca.value_or("").string(), config_.cert.value_or("").string(),
                          config_.key.value_or("").string()};
  return request;
}

BackendAnswer Backend::answer_of(HttpAnswer http, const BackendQuestion& question) const {
  if (http.failure != HttpFailure::none) return unavailable(outcome_of(http.failure), std::move(http.error));
  const bool is_explained =
      question.type == BackendRequestType::message && http.status >= 400 && http.status < 500 && read_error(http.body);
  if (http.status == 401 || http.status == 403 || is_explained) {
    return {BackendOutcome::no, {}, http.status, std::move(http.body)};
  }
  if (http.status != 200) {
    return unavailable(BackendOutcome::status, "it has answered with " + std::to_string(http.status) +
                                                   ", which is neither yes (200) nor no (401, 403)");
  }
  const std::string wrong = what_is_wrong(http.body, question.check);
  if (!wrong.empty()) return unavailable(BackendOutcome::malformed, "its answer is not understood: " + wrong);
  return {BackendOutcome::yes, {}, http.status, std::move(http.body)};
}

void Backend::conclude(Circuit::Attempt attempt, const BackendAnswer& answer) {
  const bool was_open = circuit_.is_open();
  if (answer.is_yes() || answer.is_no()) {
    circuit_.succeed(attempt);
  } else {
    circuit_.fail(attempt, Clock::now());
  }
  if (was_open == circuit_.is_open()) return;
  is_open_ = !was_open;
  if (is_closed_) return;
  if (was_open) return log_(LogLevel::info, "the backend answers again");
  places_.refuse_all();
  log_(LogLevel::warning,
       "the backend has failed " + std::to_string(Circuit::kMostFailures) +
           " times in a row; questions fail at once until a probe is answered. The last one: " + answer.why);
}

void Backend::count(BackendRequestType type, BackendOutcome outcome) {
  const std::lock_guard lock(mutex_);
  ++statistics_.requests[static_cast<std::size_t>(type)][static_cast<std::size_t>(outcome)];
}

void Backend::time(BackendRequestType type, Clock::duration duration) {
  const std::lock_guard lock(mutex_);
  add_to(statistics_.durations[static_cast<std::size_t>(type)], duration);
}

std::optional<BackendStatistics> Backend::statistics() const {
  if (!is_there_) return std::nullopt;
  const std::lock_guard lock(mutex_);
  BackendStatistics statistics = statistics_;
  statistics.in_flight = places_.taken();
  statistics.queued = places_.waiting();
  statistics.circuit_open = is_open_;
  return statistics;
}

}  // namespace hearth::app
