#include "server/life_cycle.hpp"

#include "hearth/version.hpp"
#include "server/options_check.hpp"
#include "shard/shard.hpp"
#include "tls/server_context.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

namespace hearth::server {

namespace {

// For what waits in the log when the server ends.
constexpr std::chrono::milliseconds kLastLines{500};

log::Log make_log(const Options& options) {
  if (options.log_record) return {options.log_record, options.log_level};
  if (!options.log) return {log::standard_error(options.identifier), options.log_level};
  return {[write = options.log](const LogRecord& record) { write(record.level, record.text()); }, options.log_level};
}

// A history needs somebody who keeps it.
std::shared_ptr<const Options> with_broker(Options options) {
  if (!options.broker && shard::Remembering(options).any()) options.broker = make_local_broker();
  return std::make_shared<const Options>(std::move(options));
}

}  // namespace

LifeCycle::LifeCycle(Options options)
    : options_(with_broker(std::move(options))),
      log_(make_log(*options_)),
      plane_(std::make_shared<shard::ControlPlane>(options_, log_)),
      hits_(log_),
      door_(options_->limits, hits_),
      tls_(options_->tls ? std::make_shared<tls::CurrentContext>(*options_->tls) : nullptr),
      remembering_(*options_),
      feeds_(*options_, switchboard_),
      presence_(switchboard_),
      watches_(std::make_shared<shard::Watches>(options_->broker)),
      switchboard_(watches_.get()),
      cluster_(std::make_shared<Cluster>(plane_, switchboard_, blocks_, [this] { return report(); })),
      port_(plane_, switchboard_, blocks_, feeds_, presence_, remembering_, *watches_, *cluster_),
      settings_(settings_of(*options_)) {
  const unsigned cores = std::clamp(std::thread::hardware_concurrency(), 1U, kMaxThreads);
  const unsigned threads = options_->threads != 0 ? options_->threads : cores;
  shard::FeedDesk* const feeds = remembering_.any() ? &feeds_ : nullptr;
  shard::PresenceDesk* const presence = remembering_.any_presence() ? &presence_ : nullptr;
  for (unsigned i = 0; i < threads; ++i) {
    switchboard_.add(
        std::make_unique<shard::Shard>(shard::Shard::Surroundings{plane_, switchboard_, port_, blocks_, door_, hits_,
                                                                  tls_, remembering_, feeds, presence, threads},
                                       static_cast<std::uint8_t>(i)));
  }
}

LifeCycle::~LifeCycle() {
  switchboard_.clear();
  log_.close();
}

void LifeCycle::start() {
  {
    const std::lock_guard lock(mutex_);
    if (phase_ == Phase::cancelled) throw std::runtime_error("hearth: the server was shut down before it started");
    if (phase_ != Phase::fresh) throw std::logic_error("hearth: a server can be started only once");
    phase_ = Phase::starting;
    stop_wanted_.reset();
  }
  const auto enter = [this](Phase phase) {
    const std::lock_guard lock(mutex_);
    phase_ = phase;
    changed_.notify_all();
  };
  const auto undo = [&](Phase phase) {
    presence_.stop();
    port_.stop();
    feeds_.stop();
    plane_->stop();
    listeners_.reset();
    enter(phase);
  };
  try {
    start_parts();
  } catch (...) {
    undo(Phase::fresh);
    throw;
  }
  try {
    start_shards();
  } catch (...) {
    for (const auto& shard : switchboard_.shards()) shard->abandon();
    for (const auto& shard : switchboard_.shards()) shard->join();
    undo(Phase::ended);  // a shard runs once
    throw;
  }
  watches_->open();
  cluster_->begin();
  enter(Phase::running);
  // A handler may have asked for it already, which cannot wait.
  std::unique_lock lock(mutex_);
  if (const auto deadline = stop_wanted_) {
    lock.unlock();
    begin_shutdown(*deadline);
  }
}

// Addresses are bound before the broker is started, so that one that is taken is known at once; and they are listened
// on after it, so that nobody connects to a server that is alone yet.
void LifeCycle::start_parts() {
  const auto shards = switchboard_.shards();
  auto listeners = std::make_unique<net::ListenerSet>(options_->listen, static_cast<unsigned>(shards.size()));
  plane_->start();
  if (remembering_.any()) {
    FeedThread::OnRollback told;
    if (options_->history_rolled_back) told = [this](const history::Rollback& lost) { port_.rolled_back(lost); };
    feeds_.start(history(), std::move(told));
  }
  port_.start();
  if (remembering_.any_presence()) {
    Broker* const broker = options_->broker.get();
    presence_.start(broker != nullptr ? broker->presence() : nullptr,
                    broker != nullptr ? broker->instance_id() : std::string_view(), options_->presence_heartbeat);
  }
  {
    const std::lock_guard lock(mutex_);
    if (stop_wanted_) throw std::runtime_error("hearth: the server was shut down while it was starting");
    listeners->listen();
    listeners_ = std::move(listeners);
  }
}

void LifeCycle::start_shards() {
  const auto shards = switchboard_.shards();
  for (unsigned i = 0; i < shards.size(); ++i) shards[i]->start(listeners_->take(i));
  for (const net::Address& address : listeners_->addresses()) {
    log_(LogLevel::info, "listening", "listening on " + address.str() + (tls_ ? " with TLS" : ""));
  }
  plane_->prepare_key_pairs();  // last: OpenSSL 3.0 does not survive it when memory is short
}

bool LifeCycle::may_wait() const noexcept {
  return shard::may_wait_here() && !plane_->is_here() && !BrokerPort::is_here();
}

void LifeCycle::shutdown(std::chrono::milliseconds deadline) {
  {
    std::unique_lock lock(mutex_);
    if (phase_ == Phase::fresh) phase_ = Phase::cancelled;
    if (phase_ == Phase::starting) {
      stop_wanted_ = deadline;
      lock.unlock();
      port_.cancel_start();
      lock.lock();
      if (!may_wait()) return;
      changed_.wait_for(lock, deadline, [this] { return phase_ != Phase::starting; });
    }
    if (phase_ != Phase::running && phase_ != Phase::ending) return;
  }
  begin_shutdown(deadline);
  if (may_wait()) finish();
}

void LifeCycle::begin_shutdown(std::chrono::milliseconds deadline) {
  {
    const std::lock_guard lock(mutex_);
    if (listeners_) listeners_->remove_files();
  }
  const net::TimePoint until = net::after(net::clock_now(), std::chrono::ceil<net::Millis>(deadline));
  for (const auto& shard : switchboard_.shards()) {
    shard->post([until](shard::Shard& at) { at.begin_shutdown(until); }, false);
  }
}

void LifeCycle::drain(std::chrono::milliseconds delay, std::chrono::milliseconds time) {
  if (std::lock_guard lock(mutex_); phase_ != Phase::running) return;
  if (!draining_.exchange(true)) log_(LogLevel::info, "draining", "clients are asked to go elsewhere", {});
  const auto all_gone = std::make_shared<std::promise<void>>();
  std::future<void> gone = all_gone->get_future();
  {
    // Let go by each shard when nobody is left there, or when it ends.
    const std::shared_ptr<void> over(all_gone.get(), [all_gone](void*) { all_gone->set_value(); });
    const auto longest = std::chrono::ceil<net::Millis>(std::chrono::hours(24));
    const auto begin = std::clamp(std::chrono::ceil<net::Millis>(delay), net::Millis(0), longest);
    const auto last = std::clamp(std::chrono::ceil<net::Millis>(time), net::Millis(0), longest);
    for (const auto& shard : switchboard_.shards()) {
      shard->run([=](shard::Shard& at) { at.begin_drain(begin, last, over); });
    }
  }
  if (may_wait()) gone.wait();
}

void LifeCycle::finish() {
  {
    std::unique_lock lock(mutex_);
    if (phase_ == Phase::ending) {
      changed_.wait(lock, [this] { return phase_ == Phase::ended; });  // another thread is at it
    }
    if (phase_ != Phase::running) return;
    phase_ = Phase::ending;
  }
  for (const auto& shard : switchboard_.shards()) shard->join();
  watches_->close();
  cluster_->end();
  presence_.stop();
  port_.stop();
  feeds_.stop();
  plane_->stop();
  log_.flush(kLastLines);
  const std::lock_guard lock(mutex_);
  phase_ = Phase::ended;
  changed_.notify_all();
}

void LifeCycle::reload_tls(const TlsOptions& options) {
  if (!tls_) {
    throw std::logic_error("hearth: reload_tls: this server speaks no TLS; it needs the option tls from its start");
  }
  tls_->replace(options);
  log_(LogLevel::info, "tls_reloaded", "new TLS connections get the new certificates");
}

NodeReport LifeCycle::report() const {
  NodeReport report;
  report.version = kVersion;
  report.started_at = started_at_;
  report.time = std::chrono::system_clock::now();
  for (const auto& shard : switchboard_.shards()) {
    report.clients += shard->authenticated_clients();
    report.connections += shard->counters().open.get();
  }
  report.broker_state = port_.state();
  report.draining = draining_;
  return report;
}

Settings LifeCycle::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

void LifeCycle::check_settings(const Settings& settings) const {
  Options changed = *options_;
  changed.limits = settings.limits;
  changed.allowed_origins = settings.allowed_origins;
  changed.trusted_proxies = settings.trusted_proxies;
  changed.room_rules = settings.room_rules;
  changed.max_payload_length = settings.max_payload_length;
  changed.backpressure_limit = settings.backpressure_limit;
  changed.expiry_grace = settings.expiry_grace;
  changed.request_headers = settings.request_headers;
  check(changed);
  if (!remembering_.any() && shard::Remembering::any(settings.room_rules)) {
    throw std::invalid_argument(
        "hearth: settings: room_rules has a rule with a history_size, and the server began without any; start it anew");
  }
  const bool has_memories = remembering_.any() || remembering_.any_policy();
  if (!has_memories && shard::Remembering::any_policy(settings.room_rules)) {
    throw std::invalid_argument(
        "hearth: settings: room_rules has a rule with a slow_consumer, and the server began without any; start it "
        "anew");
  }
  if (!remembering_.any_presence() && shard::Remembering::any_presence(settings.room_rules)) {
    throw std::invalid_argument(
        "hearth: settings: room_rules has a rule with presence, and the server began without any; start it anew");
  }
}

// Who makes it first is first on every shard. Nobody waits while the lock is held, for the shards may want it.
void LifeCycle::update(const Settings& settings) {
  check_settings(settings);
  const auto all_done = std::make_shared<std::promise<void>>();
  std::future<void> done = all_done->get_future();
  {
    const std::lock_guard lock(mutex_);
    if (phase_ != Phase::running) throw std::logic_error("hearth: update: the server does not run");
    settings_ = settings;
    const std::uint64_t number = remembering_.begin(settings.room_rules);
    // Let go by each shard when its rooms hear what the new rules have them hear, or when it ends.
    const std::shared_ptr<void> over(all_done.get(), [this, all_done, number](void*) {
      remembering_.finish(number);
      all_done->set_value();
    });
    const auto shared = std::make_shared<const Settings>(settings);
    for (const auto& shard : switchboard_.shards()) {
      shard->post([shared, over](shard::Shard& at) { at.adopt(*shared, over); }, false);
    }
    door_.update(settings.limits);
    plane_->slots().limit(settings.limits.running_handlers, settings.limits.waiting_handlers);
    log_.set_level(settings.log_level);
  }
  plane_->slots().go_on();
  log_(LogLevel::info, "settings_changed", "the server goes on with other settings");
  if (may_wait()) done.wait();
}

std::span<const net::Address> LifeCycle::addresses() const {
  const std::lock_guard lock(mutex_);
  return listeners_ ? listeners_->addresses() : std::span<const net::Address>();
}

}  // namespace hearth::server
