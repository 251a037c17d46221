#include "hub/shard.hpp"

#include "http/response.hpp"
#include "protocol/system_events.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace hearth::hub {

namespace {

thread_local Shard* current_shard = nullptr;

// How long a tick may spend on what other threads have posted, and how often it looks at the clock.
constexpr net::Millis kMailTime{5};
constexpr std::size_t kLettersBetweenLooks = 32;

net::LoopOptions loop_options(const Options& options, const Log& log) {
  net::LoopOptions loop;
  loop.path = options.path;
  loop.max_message_size = options.max_payload_length;
  loop.backpressure_limit = options.backpressure_limit;
  loop.slow_consumer = options.slow_consumer;
  loop.upgrade_timeout = options.auth_timeout;
  loop.idle_timeout = options.idle_timeout;
  loop.send_pings = options.send_pings;
  loop.deflate = options.per_message_deflate;
  loop.log = log;
  return loop;
}

void earliest(std::optional<net::TimePoint>& least, std::optional<net::TimePoint> candidate) {
  if (candidate && (!least || *candidate < *least)) least = candidate;
}

}  // namespace

Shard::Shard(ServerCore& core, std::uint8_t number)
    : core_(core),
      options_(core.options()),
      number_(number),
      loop_(loop_options(core.options(), core.log()), *this),
      mailbox_(std::make_shared<Mailbox<Letter>>(loop_.wakeup(), core.congestion())),
      desk_(loop_.wakeup()),
      hub_(options_.broker ? &interest_ : nullptr),
      ids_(number),
      unauthorized_(options_.auth_timeout),
      authenticating_(options_.auth_timeout * 3),
      silent_(options_.heartbeat_timeout) {}

Shard::~Shard() {
  mailbox_->close();
  join();
}

Shard* Shard::current() noexcept { return current_shard; }

void Shard::start(std::vector<net::Listener> listeners) {
  loop_.listen(std::move(listeners));
  mailbox_->open();
  desk_.open();
  thread_ = std::thread([this] { run_thread(); });
}

void Shard::join() {
  if (thread_.joinable()) thread_.join();
}

void Shard::run_thread() {
  current_shard = this;
  next_sweep_ = loop_.now() + options_.heartbeat_interval;
  loop_.run();
  mailbox_->close();
  letters_.clear();
  desk_.close();
  current_shard = nullptr;
}

void Shard::post(std::shared_ptr<const Delivery> delivery, bool may_wait) {
  const std::size_t bytes = delivery->envelope.size() + sizeof(Delivery);
  mailbox_->post(std::move(delivery), bytes, may_wait);
}

bool Shard::post(Task task, bool may_wait) { return mailbox_->post(std::move(task), sizeof(Task), may_wait); }

void Shard::run(Task task) {
  if (current() == this) return task(*this);
  post(std::move(task), core_.this_shard() == nullptr);
}

std::unique_ptr<net::Connection> Shard::make_connection() { return std::make_unique<Client>(ids_.next(), loop_.now()); }

void Shard::opened(net::Connection& connection) {
  auto& client = static_cast<Client&>(connection);
  hub_.add(client);
  unauthorized_.add(client, loop_.now());
}

void Shard::closed(net::Connection& connection, std::uint16_t code, std::string_view reason) {
  auto& client = static_cast<Client&>(connection);
  const bool was_authenticated = client.is_authenticated();
  const auto user_id = client.user != nullptr ? std::optional(client.user->id) : std::nullopt;
  hub_.remove(client);
  tell_interest();
  client.state = ClientState::disconnected;
  if (!was_authenticated) return;
  authenticated_.subtract();
  if (!client.busy && !client.waiting) return call_disconnected(client.id, user_id, code, reason);
  Departed departed{user_id, {}, code, std::string(reason)};
  if (client.waiting) departed.messages = std::move(client.waiting->messages);
  departed_.emplace(client.id, std::move(departed));
  if (!client.busy) next_departed_turn(client.id);
}

std::string Shard::plain_request(std::string_view method, std::string_view target) {
  const auto page = std::find_if(options_.pages.begin(), options_.pages.end(),
                                 [&](const Page& candidate) { return candidate.path == target; });
  if (page == options_.pages.end()) return {};
  if (method != "GET" && method != "HEAD") {
    return http::response(405, "text/plain; charset=utf-8", "This page can only be read\n", "Allow: GET, HEAD\r\n");
  }
  return http::response(200, page->content_type, page->content,
                        "Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\n", method == "GET");
}

void Shard::tick() {
  take_mail();
  desk_.serve();
  expire();
  close_retired();
  tell_interest();
  check_shutdown();
}

// Other threads' messages may come faster than they can be sent on; clients are heard in between all the same.
void Shard::take_mail() {
  const auto until = net::clock_now() + kMailTime;
  // The tick that these were left over from has cleared the wakeup of what has come since.
  if (next_letter_ < letters_.size()) wake();
  if (next_letter_ == letters_.size()) {
    letters_.clear();
    next_letter_ = 0;
    mailbox_->take(letters_);
  }
  while (next_letter_ < letters_.size()) {
    if (next_letter_ % kLettersBetweenLooks == kLettersBetweenLooks - 1 && net::clock_now() > until) return;
    const Letter letter = std::move(letters_[next_letter_++]);
    if (const auto* delivery = std::get_if<std::shared_ptr<const Delivery>>(&letter)) {
      const std::string_view envelope = (*delivery)->envelope;
      deliver((*delivery)->destination(), {&envelope, 1});
    } else {
      std::get<Task>(letter)(*this);
    }
  }
}

void Shard::expire() {
  const auto now = loop_.now();
  const auto close = [this](net::Connection& connection, const protocol::CloseReason& why) {
    PhaseList::remove(connection);
    loop_.close(connection, why.code, why.text);
  };
  while (auto* connection = unauthorized_.expired(now)) close(*connection, protocol::kAuthenticationTimeout);
  while (auto* connection = authenticating_.expired(now)) close(*connection, protocol::kAuthenticationTimeout);
  if (now < next_sweep_) return;
  next_sweep_ = now + options_.heartbeat_interval;
  while (auto* connection = silent_.expired(now)) {
    const auto& client = static_cast<const Client&>(*connection);
    if (now - client.last_activity < options_.heartbeat_timeout) {
      silent_.add(*connection, client.last_activity);  // was not moved for every message
    } else {
      close(*connection, protocol::kHeartbeatTimeout);
    }
  }
}

std::optional<net::TimePoint> Shard::next_deadline() {
  if (next_letter_ < letters_.size()) return loop_.now();
  std::optional<net::TimePoint> next;
  earliest(next, unauthorized_.next());
  earliest(next, authenticating_.next());
  if (!silent_.empty()) earliest(next, next_sweep_);
  const bool at_end = !loop_.has_connections() && running_handlers_ == 0;
  if (shutting_down_) earliest(next, at_end ? loop_.now() : shutdown_deadline_);
  return next;
}

void Shard::begin_shutdown(net::TimePoint deadline) {
  if (shutting_down_) return;
  shutting_down_ = true;
  shutdown_deadline_ = deadline;
  loop_.stop_accepting();
  std::vector<net::Connection*> upgrading;
  loop_.for_each([&](net::Connection& connection) {
    if (connection.is_open()) {
      loop_.close(connection, protocol::kServerShuttingDown.code, protocol::kServerShuttingDown.text);
    } else if (connection.phase() == net::Connection::Phase::upgrading) {
      upgrading.push_back(&connection);
    }
  });
  for (net::Connection* connection : upgrading) loop_.terminate(*connection);
}

void Shard::check_shutdown() {
  if (!shutting_down_) return;
  const bool done = !loop_.has_connections() && running_handlers_ == 0;
  if (!done && loop_.now() < shutdown_deadline_) return;
  std::vector<net::Connection*> left;
  loop_.for_each([&](net::Connection& connection) { left.push_back(&connection); });
  for (net::Connection* connection : left) loop_.terminate(*connection);
  loop_.stop();
}

}  // namespace hearth::hub
