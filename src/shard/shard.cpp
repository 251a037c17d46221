#include "shard/shard.hpp"

#include "protocol/system_events.hpp"
#include "shard/loop_options.hpp"
#include "shard/pages.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <random>
#include <utility>

namespace hearth::shard {

namespace {

thread_local Shard* current_shard = nullptr;

// How long a tick may spend on what other threads have posted, and how often it looks at the clock.
constexpr std::chrono::milliseconds kMailTime{5};
constexpr std::size_t kLettersBetweenLooks = 32;

// How often a shard that waits for another server's to end looks whether it has.
constexpr std::chrono::milliseconds kJoinPeriod{1};

hub::Client& client_of(net::Connection& connection) noexcept { return static_cast<hub::Client&>(connection); }

}  // namespace

Shard::Shard(Surroundings around, std::uint8_t number, net::Clock::time_point (*clock)() noexcept)
    : around_(std::move(around)),
      options_(around_.plane->options()),
      log_(around_.plane->log()),
      sealing_(options_.max_messages_per_key, options_.limits, around_.hits, log_),
      loop_(loop_options(*around_.plane, around_.tls, clock), *this),
      mailbox_(std::make_shared<ShardMailbox>(loop_.wakeup(), Congestion::of_process(), clock)),
      desk_(loop_.wakeup()),
      subscriptions_(options_.broker, mailbox_),
      remembered_(
          {options_, around_.remembering, around_.feeds,
           around_.feeds != nullptr ? options_.broker->history() : nullptr, mailbox_, loop_, hub_, deliveries_,
           subscriptions_, tally_, around_.shards, [this](const protocol::ClientId& id) { rooms_.located(id); }},
          number),
      room_events_(options_, calls_, turns_, hub_,
                   [this](std::string_view room) { return around_.remembering.reports(room); }),
      present_({around_.remembering, around_.presence, hub_, turns_, answers_, deliveries_}, number),
      hub_(subscriptions_.interest(), memories(),
           {room_events_.any() ? &room_events_ : nullptr, present_.any() ? &present_ : nullptr}),
      calls_(around_.plane, mailbox_,
             [this](const protocol::ClientId& id) {
               if (hub::Client* client = hub_.find(id)) loop_.terminate(*client);
             }),
      transforms_(around_.plane, mailbox_, hub_, *this),
      deliveries_(options_, hub_, loop_, transforms_, tally_),
      answers_(deliveries_),
      timeouts_(options_, deliveries_, loop_.now()),
      turns_(hub_, *this),
      handshakes_(around_.plane, mailbox_, hub_, calls_, sealing_.cipher()),
      expiries_(options_.expiry_grace, hub_, answers_, deliveries_, std::random_device()()),
      drain_(hub_, answers_, deliveries_, std::random_device()()),
      entrance_(around_.door, options_),
      throttle_(options_.limits, around_.hits, hub_, deliveries_, *this),
      admission_(options_, log_,
                 {hub_, calls_, handshakes_, subscriptions_, timeouts_, expiries_, around_.blocks, entrance_, throttle_,
                  answers_, deliveries_, *this}),
      rooms_(options_, log_,
             {hub_, calls_, turns_, subscriptions_, answers_, around_.hits, *this, memories(),
              present_.any() ? &present_ : nullptr}),
      history_(hub_, turns_, answers_, remembered_),
      ids_(number) {
  Congestion::of_process().add(loop_.wakeup());
}

Shard::~Shard() {
  Congestion::of_process().remove(loop_.wakeup());
  mailbox_->close();
  join();
}

Shard* Shard::current() noexcept { return current_shard; }

void Shard::start(std::vector<net::Listener> listeners) {
  loop_.listen(std::move(listeners));
  open();
  try {
    thread_ = std::thread([this] { run_thread(); });
  } catch (...) {
    close();
    throw;
  }
}

void Shard::abandon() noexcept {
  abandoned_.store(true, std::memory_order_relaxed);
  loop_.wakeup()->notify();
}

void Shard::join() {
  if (!thread_.joinable()) return;
  if (Shard* here = current()) {
    while (!has_ended_) here->desk().serve_for(kJoinPeriod);
  }
  thread_.join();
}

void Shard::open() {
  mailbox_->open();
  desk_.open();
}

void Shard::run_thread() {
  current_shard = this;
  loop_.run();
  close();
  current_shard = nullptr;
  has_ended_ = true;
}

void Shard::turn() {
  Shard* const before = std::exchange(current_shard, this);
  loop_.turn();
  current_shard = before;
}

void Shard::close() {
  contain("presence", [this] { present_.pass_on(); });  // of those who were cut off at the end
  calls_.cancel_all();
  mailbox_->close();
  letters_.clear();
  desk_.close();
}

void Shard::post(std::shared_ptr<const Delivery> delivery, bool may_wait) {
  const std::size_t bytes = delivery->size();
  mailbox_->post(std::move(delivery), bytes, may_wait);
}

void Shard::run(Task task) {
  if (current() == this) return task(*this);
  post(std::move(task), may_wait_here());
}

// --- net::Application

std::unique_ptr<net::Connection> Shard::make_connection() {
  return std::make_unique<hub::Client>(ids_.next(), loop_.now());
}

void Shard::opened(net::Connection& connection, const net::Upgrade& upgrade) {
  hub::Client& client = client_of(connection);
  hub_.add(client);
  timeouts_.connected(client, loop_.now());
  throttle_.connected(client, loop_.now());
  entrance_.note(client, upgrade);
}

void Shard::drained(net::Connection& connection) { turns_.go_on(client_of(connection)); }
void Shard::emptied(net::Connection& connection) { remembered_.emptied(client_of(connection)); }
void Shard::dropped(net::Connection& connection, std::uint64_t count) noexcept {
  hub::Client& client = client_of(connection);
  client.count_drops(count);
  around_.hits.add(Limit::backlog, client.id, count);
}

void Shard::sent_too_much(net::Connection& connection) noexcept {
  around_.hits.add(Limit::message_size, client_of(connection).id);
}

http::Answer Shard::request(net::Connection& /*connection*/, const http::Request& request) {
  return answer_page(options_.pages, request);
}

std::string_view Shard::seal(net::Connection& connection, std::string_view message) {
  const std::string_view sealed = sealing_.seal(client_of(connection), message);
  // A message that leaves at the end of a tick is followed by another tick, which closes whose key is worn out.
  if (sealing_.has_worn_out()) loop_.wakeup()->notify();
  return sealed;
}

void Shard::tick() {
  take_mail();
  desk_.serve();
  contain("timeouts", [this] { timeouts_.expire(loop_.now(), loop_.input_seen()); });
  contain("drain", [this] { drain_.go_on(loop_.now()); });
  contain("identities", [this] { expiries_.expire(loop_.now()); });
  contain("throttles", [this] { throttle_.expire(loop_.now()); });
  contain("rooms that remember", [this] { remembered_.expire(); });
  contain("tally", [this] { tally_.expire(loop_.now()); });
  contain("keys", [this] { close_worn_out(); });
  tell_room_events();
  contain("presence", [this] { present_.pass_on(); });
  contain("subscriptions", [this] { subscriptions_.tell(); });
  contain("shutdown", [this] { check_shutdown(); });
}

// What is thrown in a tick, most likely for want of memory, costs what was being done.
template <class Work>
void Shard::contain(std::string_view what, Work work) noexcept {
  try {
    work();
  } catch (const std::exception& error) {
    log_(LogLevel::error, "work_failed", "something was thrown while a shard was at work, and what it did is lost",
         {{"work", what}, {"what", error.what()}});
  }
}

// Other threads' messages may come faster than they can be sent on; clients are heard in between all the same.
void Shard::take_mail() {
  // The tick that these were left over from has cleared the wakeup of what has come since.
  if (next_letter_ < letters_.size()) loop_.wakeup()->notify();
  if (next_letter_ == letters_.size()) {
    letters_.clear();
    next_letter_ = 0;
    letters_since_ = mailbox_->take(letters_);
    if (letters_.empty()) return;
  }
  const auto until = loop_.clock() + kMailTime;
  loop_.work_on_what_came(letters_since_);
  while (next_letter_ < letters_.size()) {
    if (next_letter_ % kLettersBetweenLooks == kLettersBetweenLooks - 1 && loop_.clock() > until) break;
    const Letter letter = std::move(letters_[next_letter_++]);
    contain("a letter", [&] { take(letter); });
  }
  loop_.work_on_what_came();
}

void Shard::take(const Letter& letter) {
  if (const auto* delivery = std::get_if<std::shared_ptr<const Delivery>>(&letter)) {
    deliveries_.deliver((*delivery)->publication());
  } else if (const auto* passed = std::get_if<Passed>(&letter)) {
    remembered_.pass(*passed);
  } else {
    std::get<Task>(letter)(*this);
  }
}

void Shard::tell_room_events() {
  if (room_events_.has_news()) contain("events of rooms", [this] { room_events_.tell(); });
}

void Shard::close_worn_out() {
  if (!sealing_.has_worn_out()) return;
  for (const protocol::ClientId& id : sealing_.take_worn_out()) {
    if (hub::Client* client = hub_.find(id)) deliveries_.close(*client, protocol::kRekeyRequired);
  }
}

std::optional<net::TimePoint> Shard::next_deadline() {
  if (next_letter_ < letters_.size() || room_events_.has_news() || present_.has_news()) return loop_.now();
  std::optional<net::TimePoint> next = timeouts_.next();
  if (const auto remembered = remembered_.next(); remembered && (!next || *remembered < *next)) next = remembered;
  if (const auto expiry = expiries_.next(); expiry && (!next || *expiry < *next)) next = expiry;
  if (const auto turn = drain_.next(); turn && (!next || *turn < *next)) next = turn;
  if (const auto halving = tally_.next(); halving && (!next || *halving < *next)) next = halving;
  if (const auto release = throttle_.next(); release && (!next || *release < *next)) next = release;
  if (shutting_down_) {
    const net::TimePoint end = is_idle() ? loop_.now() : shutdown_deadline_;
    if (!next || end < *next) next = end;
  }
  return next;
}

// --- shutting down

bool Shard::is_idle() const noexcept {
  return !loop_.has_connections() && calls_.running() == 0 && transforms_.running() == 0;
}

void Shard::begin_shutdown(net::TimePoint deadline) {
  if (shutting_down_) return;
  shutting_down_ = true;
  shutdown_deadline_ = deadline;
  drain_.end();
  loop_.stop_accepting();
  std::vector<net::Connection*> over;  // nothing is left to be said to them
  loop_.for_each([&](net::Connection& connection) {
    if (connection.is_open()) {
      deliveries_.close(client_of(connection), protocol::kServerShuttingDown);
    } else if (connection.is_in_http() || connection.phase() == net::Connection::Phase::draining) {
      over.push_back(&connection);
    }
  });
  for (net::Connection* connection : over) loop_.terminate(*connection);
}

void Shard::check_shutdown() {
  if (abandoned_.load(std::memory_order_relaxed)) begin_shutdown(loop_.now());
  if (!shutting_down_) return;
  subscriptions_.give_up();
  if (!is_idle() && loop_.now() < shutdown_deadline_) return;
  std::vector<net::Connection*> left;
  loop_.for_each([&](net::Connection& connection) { left.push_back(&connection); });
  for (net::Connection* connection : left) loop_.terminate(*connection);
  loop_.stop();
}

// --- what its parts ask for

void Shard::send_plain(hub::Client& client, std::span<const std::string_view> pieces) {
  net::Outgoing message = loop_.stage(pieces);
  loop_.send(client, message);
}

void Shard::begin_encryption(hub::Client& client) {
  if (client.key) return loop_.begin_sealing(client);
  client.transformed = true;
}

void Shard::admitted(hub::Client& client) {
  room_events_.admitted(client);
  present_.admitted(client);
  if (!options_.client_connected) return;
  const std::string client_id = client.id.str();
  const auto user_id = client.user != nullptr ? std::optional(client.user->id) : std::nullopt;
  const ClientConnected event{client_id, detail::view(user_id), client.metadata(), client.context()};
  const bool waits = calls_.invoke(options_.client_connected, client.id, HandlerCalls::Purpose::acts, event,
                                   [this, id = client.id](const Outcome<void>& outcome, HandlerCalls::When when) {
                                     calls_.log_if_threw("client_connected", id, outcome);
                                     if (when == HandlerCalls::When::later) turns_.end(id);
                                   });
  if (waits) Turns::begin(client);
}

void Shard::publish(const Publication& publication, std::string_view event) {
  around_.switchboard.deliver(publication);
  around_.outward.publish(publication, event);
}

}  // namespace hearth::shard
