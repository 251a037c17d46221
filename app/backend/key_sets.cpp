#include "backend/key_sets.hpp"

#include "backend/key_set_schedule.hpp"
#include "config/url.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::app {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kTimeout{5};
constexpr std::string_view kNoKeys = R"({"keys":[]})";

std::string label_of(const config::JwtConfig& jwt) {
  if (jwt.issuer) return *jwt.issuer;
  const auto url = config::parse_url(*jwt.jwks_url);
  return url ? url->host : *jwt.jwks_url;
}

double now_in_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

struct KeySets::Set {
  Set(const asio::any_io_executor& executor, const config::JwtConfig& jwt)
      : url(*jwt.jwks_url),
        label(label_of(jwt)),
        max_stale(jwt.jwks_max_stale),
        schedule(jwt.jwks_max_stale),
        next(executor),
        fetched(executor, asio::steady_timer::time_point::max()),
        shown{label} {}

  bool is_of(const config::JwtConfig& jwt) const {
    return url == jwt.jwks_url && label == label_of(jwt) && max_stale == jwt.jwks_max_stale;
  }
  void close() {
    is_closed = true;
    next.cancel();
    fetched.cancel();
  }

  std::size_t issuer = 0;  // its index in the configuration
  std::string url;
  std::string label;
  std::chrono::milliseconds max_stale;
  KeySetSchedule schedule;
  asio::steady_timer next;       // ends when a fetch is due, or wanted
  asio::steady_timer fetched;    // is cancelled when one has ended
  bool is_being_fetched = true;  // as from the beginning
  bool is_closed = false;
  bool is_dropped = false;
  std::string body{kNoKeys};  // the last that counts
  std::string skipped{};      // what was last said of keys of no use
  KeySetStatistics::Set shown;
};

KeySets::KeySets(HttpClient& http, asio::any_io_executor executor, const config::AuthConfig& auth,
                 std::shared_ptr<JwtVerifier> verifier, Log log)
    : http_(http), executor_(std::move(executor)), log_(std::move(log)) {
  update(auth, std::move(verifier));
}

KeySets::~KeySets() = default;

void KeySets::start() {
  is_started_ = true;
  for (const auto& set : sets_) asio::co_spawn(executor_, keep(set), asio::detached);
}

void KeySets::update(const config::AuthConfig& auth, std::shared_ptr<JwtVerifier> verifier) {
  verifier_ = std::move(verifier);
  std::vector<std::shared_ptr<Set>> before;
  before.swap(sets_);
  for (std::size_t i = 0; i < auth.jwt.size(); ++i) {
    if (!auth.jwt[i].jwks_url) continue;
    const auto found =
        std::find_if(before.begin(), before.end(), [&](const auto& set) { return set->is_of(auth.jwt[i]); });
    const bool is_new = found == before.end();
    auto set = is_new ? std::make_shared<Set>(executor_, auth.jwt[i]) : *found;
    set->issuer = i;
    if (!is_new) {
      before.erase(found);
      verifier_->replace_jwks(i, set->body);
      set->shown.keys = verifier_->keys(i).keys;
    }
    if (is_new && is_started_) asio::co_spawn(executor_, keep(set), asio::detached);
    sets_.push_back(std::move(set));
  }
  for (const auto& gone : before) gone->close();
  show();
}

void KeySets::close() {
  for (const auto& set : sets_) set->close();
}

Awaitable<void> KeySets::keep(std::shared_ptr<Set> set) {
  while (!set->is_closed) {
    co_await fetch(*set);
    if (set->is_closed) co_return;
    set->is_being_fetched = false;
    set->fetched.cancel();
    boost::system::error_code ignored;
    set->next.expires_at(set->schedule.due());
    co_await set->next.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    set->is_being_fetched = true;
  }
}

Awaitable<bool> KeySets::refresh(const JwtVerifier* verifier, std::size_t issuer) {
  if (verifier != verifier_.get()) co_return false;
  const auto found =
      std::find_if(sets_.begin(), sets_.end(), [issuer](const auto& set) { return set->issuer == issuer; });
  if (found == sets_.end()) co_return true;  // its keys are all that there are
  const std::shared_ptr<Set> set = *found;
  if (!set->is_being_fetched) {
    if (!set->schedule.admits_unknown_key(KeySetSchedule::Clock::now())) co_return !set->schedule.is_failing();
    set->is_being_fetched = true;
    set->next.cancel();
  }
  while (set->is_being_fetched && !set->is_closed) {
    boost::system::error_code ignored;
    co_await set->fetched.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return !set->is_closed && !set->schedule.is_failing();
}

Awaitable<bool> KeySets::fetch_all() {
  bool have_come = true;
  for (const auto& set : sets_) {
    co_await fetch(*set);
    have_come = have_come && !set->schedule.is_failing();
  }
  co_return have_come;
}

Awaitable<void> KeySets::fetch(Set& set) {
  HttpRequest request;
  request.url = set.url;
  request.fields = {"Accept: application/jwk-set+json, application/json", "User-Agent: hearth"};
  request.timeout = kTimeout;
  request.most_answer = JwtVerifier::kMaxJwks;
  const HttpAnswer answer = co_await http_.send(std::move(request));
  if (set.is_closed) co_return;
  const auto now = KeySetSchedule::Clock::now();
  const bool is_good = take(set, answer);
  if (is_good) {
    set.schedule.succeed(now, answer.max_age);
    set.is_dropped = false;
  } else {
    set.schedule.fail(now);
    if (set.schedule.is_stale(now) && set.schedule.is_known() && !set.is_dropped) drop(set);
  }
  note(set, is_good);
}

bool KeySets::take(Set& set, const HttpAnswer& answer) {
  std::string problem = answer.error;
  JwksOutcome outcome;
  if (problem.empty() && answer.status != 200) problem = "the answer is " + std::to_string(answer.status);
  if (problem.empty()) {
    outcome = verifier_->replace_jwks(set.issuer, answer.body);
    problem = outcome.problem;
  }
  if (!problem.empty()) {
    if (!set.schedule.is_failing()) {
      log_(LogLevel::warning, "the keys of " + set.label + " cannot be fetched, the last ones " +
                                  (set.schedule.is_known() ? "stay for now" : "are none") +
                                  ", and it is tried again: " + problem);
    }
    return false;
  }
  set.body = answer.body;
  std::string skipped;
  for (const SkippedJwk& key : outcome.skipped) {
    skipped += (skipped.empty() ? "" : "; ") + (key.kid.empty() ? "number " + std::to_string(key.index + 1) : key.kid) +
               ": " + key.text;
  }
  if (set.schedule.is_failing() || !set.schedule.is_known()) {
    log_(LogLevel::info, "the keys of " + set.label + " are there: " + std::to_string(outcome.keys));
  }
  if (!skipped.empty() && skipped != set.skipped) {
    log_(LogLevel::warning, "keys of " + set.label + " are of no use and left out: " + skipped);
  }
  set.skipped = std::move(skipped);
  return true;
}

void KeySets::drop(Set& set) {
  set.is_dropped = true;
  set.body = kNoKeys;
  verifier_->replace_jwks(set.issuer, set.body);
  log_(LogLevel::error, "the keys of " + set.label +
                            " could not be fetched for all of jwks_max_stale; the last ones count no more, and their "
                            "tokens are not accepted");
}

void KeySets::note(Set& set, bool is_good) {
  set.shown.keys = verifier_->keys(set.issuer).keys;
  set.shown.is_known = set.schedule.is_known();
  set.shown.is_failing = !is_good;
  if (is_good) set.shown.last_success = now_in_seconds();
  {
    const std::lock_guard lock(mutex_);
    ++(is_good ? statistics_.fetched : statistics_.failed);
  }
  show();
}

void KeySets::show() {
  const std::lock_guard lock(mutex_);
  statistics_.sets.clear();
  for (const auto& set : sets_) statistics_.sets.push_back(set->shown);
}

KeySetStatistics KeySets::statistics() const {
  const std::lock_guard lock(mutex_);
  return statistics_;
}

}  // namespace hearth::app
