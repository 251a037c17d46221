#include "hearth/server.hpp"

#include "hub/server_core.hpp"
#include "hub/shard.hpp"
#include "net/listener.hpp"
#include "protocol/envelope.hpp"
#include "websocket/close_code.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace hearth {

namespace {

constexpr unsigned kMaxThreads = 256;  // a client id has eight bits for its shard
constexpr std::uint64_t kMostMessagesPerKey = std::uint64_t{1} << 31;

[[noreturn]] void throw_started() { throw std::logic_error("hearth: a server can be started only once"); }

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument("hearth: options: " + what); }

/// The path of a request never has such a character, so that nobody could ask for this one.
void check_path(std::string_view option, const std::string& path) {
  if (!path.starts_with('/')) refuse(std::string(option) + " `" + path + "` does not begin with `/`");
  const auto is_wrong = [](unsigned char c) { return c <= ' ' || c == 0x7f || c == '?' || c == '#'; };
  if (std::any_of(path.begin(), path.end(), is_wrong)) {
    refuse(std::string(option) + " `" + path + "` has a space, a control character, `?` or `#` in it");
  }
}

void check(const Options& options) {
  using std::chrono::milliseconds;
  if (options.identifier.empty()) refuse("identifier is empty; give the server a name for its log");
  if (!options.authenticate) refuse("authenticate is not set; a server must decide who its clients are");
  if (options.listen.empty()) refuse("listen is empty; give at least one address, such as 127.0.0.1:8080");
  check_path("path", options.path);
  for (const Page& page : options.pages) check_path("pages: path", page.path);
  if (options.threads > kMaxThreads)
    refuse("threads is " + std::to_string(options.threads) + "; at most 256 are possible");
  if (options.max_payload_length == 0) refuse("max_payload_length is 0; no message would be short enough");
  if (options.max_payload_length > (std::size_t{1} << 30)) refuse("max_payload_length is past 1 GiB");
  if (options.auth_timeout <= milliseconds::zero()) refuse("auth_timeout must be longer than 0");
  if (options.heartbeat_interval <= milliseconds::zero()) refuse("heartbeat_interval must be longer than 0");
  if (options.heartbeat_timeout <= milliseconds::zero()) refuse("heartbeat_timeout must be longer than 0");
  if (options.idle_timeout < milliseconds::zero()) refuse("idle_timeout is negative; 0 switches it off");
  const DeflateOptions& deflate = options.per_message_deflate;
  if (deflate.server_max_window_bits < 9 || deflate.server_max_window_bits > 15) {
    refuse("per_message_deflate.server_max_window_bits is not from 9 to 15");
  }
  if (deflate.client_max_window_bits < 8 || deflate.client_max_window_bits > 15) {
    refuse("per_message_deflate.client_max_window_bits is not from 8 to 15");
  }
  if (deflate.level < 1 || deflate.level > 9) refuse("per_message_deflate.level is not from 1 to 9");
  if (options.encryption == Encryption::off && options.handshake) {
    refuse("handshake is set, but encryption is off, so that nobody would be asked");
  }
  if (options.handshake && !options.outbound_transformer) {
    refuse("handshake is set without outbound_transformer; clients would be sent plain text after it");
  }
  if (options.encrypted_batch_limit == 0) refuse("encrypted_batch_limit is 0; no message would ever be transformed");
  if (options.max_messages_per_key == 0 || options.max_messages_per_key > kMostMessagesPerKey) {
    refuse("max_messages_per_key is not from 1 to 2^31");
  }
  for (const std::string& room : options.default_rooms) {
    if (room.empty()) refuse("default_rooms has an empty name");
  }
}

void check_event(std::string_view event) {
  if (event.empty()) throw std::invalid_argument("hearth: a message needs an event name; it is empty");
}

}  // namespace

class Server::Impl {
 public:
  explicit Impl(Options options);

  void start();
  void shutdown(std::chrono::milliseconds deadline);
  void finish();

  void deliver(const Target& target, std::string_view event, const Json& data,
               std::span<const std::string> exclude = {}) {
    check_event(event);
    const protocol::EnvelopeText text(event, data.view().text());
    if (text.size() > net::TickLog::kMaxMessage) {
      throw std::length_error("hearth: a message of " + std::to_string(text.size()) +
                              " bytes cannot be sent; at most 1 GiB can");
    }
    if (exclude.empty()) return core_->deliver({target}, text.pieces());
    const auto ids = hub::parse_ids(exclude);
    core_->deliver({target, ids}, text.pieces());
  }

  /// Has `function(Shard&)` run on the shard that a client lives on, if it is one of ours.
  template <class Function>
  void on_home(std::string_view client_id, Function function) {
    const auto id = protocol::ClientId::parse(client_id);
    if (hub::Shard* home = id ? core_->shard_of(*id) : nullptr) home->run(std::move(function));
  }

  /// Asks one shard, on its own thread, for what `question(const Shard&)` returns; `Answer()` if it is gone.
  template <class Answer, class Question>
  Answer ask(hub::Shard& shard, const Question& question) const;

  /// Snapshots of what `visit(const Hub&, collect)` calls `collect(const Client&)` for, on all shards.
  template <class Visit>
  std::vector<ClientSnapshot> collect(const Visit& visit) const {
    std::vector<ClientSnapshot> all;
    for (const auto& shard : core_->shards()) {
      auto part = ask<std::vector<ClientSnapshot>>(*shard, [&](const hub::Shard& at) {
        std::vector<ClientSnapshot> found;
        visit(at.hub(), [&](const hub::Client& client) { found.push_back(at.snapshot(client)); });
        return found;
      });
      std::move(part.begin(), part.end(), std::back_inserter(all));
    }
    return all;
  }

  hub::ServerCore& core() const noexcept { return *core_; }
  std::span<const net::Address> addresses() const {
    return listeners_ ? listeners_->addresses() : std::span<const net::Address>();
  }

 private:
  const std::shared_ptr<hub::ServerCore> core_;
  std::unique_ptr<net::ListenerSet> listeners_;
  std::mutex life_;  // held to change the members below
  std::atomic<bool> started_{false};
  bool finished_ = false;
};

Server::Impl::Impl(Options options) : core_(std::make_shared<hub::ServerCore>(std::move(options))) {
  const unsigned cores = std::clamp(std::thread::hardware_concurrency(), 1U, kMaxThreads);
  const unsigned threads = core_->options().threads != 0 ? core_->options().threads : cores;
  for (unsigned i = 0; i < threads; ++i) {
    core_->shards().push_back(std::make_unique<hub::Shard>(*core_, static_cast<std::uint8_t>(i)));
  }
}

void Server::Impl::start() {
  // Not behind the lock alone: a handler may ask for it while `finish` holds that and waits for the handler.
  if (started_) throw_started();
  const std::lock_guard lock(life_);
  if (started_) throw_started();
  auto& shards = core_->shards();
  core_->start_control_plane();
  try {
    core_->port().start();
    listeners_ = std::make_unique<net::ListenerSet>(core_->options().listen, static_cast<unsigned>(shards.size()));
  } catch (...) {
    core_->port().stop();
    core_->stop_control_plane();
    throw;
  }
  started_ = true;
  for (unsigned i = 0; i < shards.size(); ++i) shards[i]->start(listeners_->take(i));
  for (const net::Address& address : listeners_->addresses()) {
    core_->log()(LogLevel::info, "listening on " + address.str());
  }
}

void Server::Impl::shutdown(std::chrono::milliseconds deadline) {
  const auto until = std::chrono::ceil<net::Millis>(net::Clock::now()) + deadline;
  for (const auto& shard : core_->shards()) {
    shard->post([until](hub::Shard& at) { at.begin_shutdown(until); }, false);
  }
  const bool on_own_thread = core_->this_shard() != nullptr || core_->is_handler_thread();
  if (!on_own_thread) finish();
}

void Server::Impl::finish() {
  const std::lock_guard lock(life_);
  if (!started_ || finished_) return;
  finished_ = true;
  for (const auto& shard : core_->shards()) shard->join();
  core_->port().stop();
  core_->stop_control_plane();
  listeners_->remove_files();
}

template <class Answer, class Question>
Answer Server::Impl::ask(hub::Shard& shard, const Question& question) const {
  hub::Shard* here = core_->this_shard();
  if (here == &shard) return question(shard);
  auto promise = std::make_shared<std::promise<Answer>>();
  std::future<Answer> answer = promise->get_future();
  if (here == nullptr) {
    // Through the mailbox, so that a thread sees what it did itself before.
    // The task alone holds the promise: if it is dropped, the answer comes as an error.
    hub::Shard::Task task = [promise = std::move(promise), &question](const hub::Shard& at) {
      promise->set_value(question(at));
    };
    if (!shard.post(std::move(task), true)) return {};
  } else {
    const bool submitted = shard.desk().submit([promise = std::move(promise), &question, &shard, here] {
      promise->set_value(question(shard));
      here->desk().notify();
    });
    if (!submitted) return {};
    here->desk().serve_until([&] { return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
  }
  try {
    return answer.get();
  } catch (const std::future_error&) {
    return {};  // the shard ended first
  }
}

Server::Server(Options options) {
  check(options);
  impl_ = std::make_unique<Impl>(std::move(options));
}

Server::~Server() {
  shutdown();
  impl_->finish();
  impl_->core().shards().clear();
}

void Server::start() { impl_->start(); }
void Server::shutdown(std::chrono::milliseconds deadline) { impl_->shutdown(deadline); }

void Server::send_to_client(std::string_view client_id, std::string_view event, const Json& data) {
  impl_->deliver(Target::client(client_id), event, data);
}

void Server::send_to_user(std::string_view user_id, std::string_view event, const Json& data) {
  impl_->deliver(Target::user(user_id), event, data);
}

void Server::send_to_room(std::string_view room, std::string_view event, const Json& data,
                          std::span<const std::string> exclude) {
  impl_->deliver(Target::room(room), event, data, exclude);
}

void Server::broadcast(std::string_view event, const Json& data, std::span<const std::string> exclude) {
  impl_->deliver(Target::everybody(), event, data, exclude);
}

void Server::send(std::optional<std::string_view> destination, std::string_view topic, const Json& data,
                  const std::function<void(std::error_code)>& done) {
  if (!topic.empty() && data.view()) {
    Target target = destination ? Target::room(*destination) : Target::everybody();
    if (const auto id = destination ? protocol::ClientId::parse(*destination) : std::nullopt) {
      const hub::Shard* home = impl_->core().shard_of(*id);
      if (home != nullptr && home->knows(*id)) target.kind = Target::Kind::client;
    }
    impl_->deliver(target, topic, data);
    impl_->core().port().publish(target, topic, data.view());
  }
  if (done) done({});
}

void Server::join_room(std::string_view client_id, std::string_view room) {
  if (room.empty()) throw std::invalid_argument("hearth: a room needs a name; it is empty");
  impl_->on_home(client_id, [id = std::string(client_id), name = std::string(room)](hub::Shard& shard) {
    shard.join_room(id, name);
  });
}

void Server::leave_room(std::string_view client_id, std::string_view room) {
  impl_->on_home(client_id, [id = std::string(client_id), name = std::string(room)](hub::Shard& shard) {
    shard.leave_room(id, name);
  });
}

void Server::disconnect(std::string_view client_id, std::uint16_t code, std::string_view reason) {
  if (!websocket::may_be_sent(code)) {
    throw std::invalid_argument("hearth: close code " + std::to_string(code) +
                                " must not be sent; use 1000-1003, 1007-1014 or 3000-4999 (RFC 6455, 7.4)");
  }
  impl_->on_home(client_id, [id = std::string(client_id), code, why = std::string(reason)](hub::Shard& shard) {
    shard.disconnect(id, code, why);
  });
}

void Server::enable_client_encryption(std::string_view client_id) {
  if (!impl_->core().options().outbound_transformer) {
    throw std::logic_error("hearth: enable_client_encryption needs the option outbound_transformer, which encrypts");
  }
  impl_->on_home(client_id, [id = std::string(client_id)](hub::Shard& shard) { shard.enable_encryption(id); });
}

std::vector<ClientSnapshot> Server::clients() const {
  return impl_->collect([](const hub::Hub& hub, const auto& collect) { hub.for_each_client(collect); });
}

std::optional<ClientSnapshot> Server::client(std::string_view client_id) const {
  const auto id = protocol::ClientId::parse(client_id);
  hub::Shard* home = id ? impl_->core().shard_of(*id) : nullptr;
  if (home == nullptr) return std::nullopt;
  return impl_->ask<std::optional<ClientSnapshot>>(*home, [&](const hub::Shard& at) {
    const hub::Client* client = at.hub().find(*id);
    return client != nullptr ? std::optional(at.snapshot(*client)) : std::nullopt;
  });
}

std::vector<ClientSnapshot> Server::clients_of_user(std::string_view user_id) const {
  return impl_->collect([&](const hub::Hub& hub, const auto& collect) { hub.for_each_of_user(user_id, collect); });
}

std::vector<ClientSnapshot> Server::clients_in_room(std::string_view room) const {
  return impl_->collect([&](const hub::Hub& hub, const auto& collect) { hub.for_each_in_room(room, collect); });
}

const std::string& Server::path() const noexcept { return impl_->core().options().path; }

std::uint16_t Server::port() const noexcept {
  for (const net::Address& address : impl_->addresses()) {
    if (address.port() != 0) return address.port();
  }
  return 0;
}

std::vector<std::string> Server::addresses() const {
  std::vector<std::string> texts;
  for (const net::Address& address : impl_->addresses()) texts.push_back(address.str());
  return texts;
}

Statistics Server::statistics() const {
  Statistics sum;
  for (const auto& shard : impl_->core().shards()) {
    const net::LoopCounters& counters = shard->counters();
    sum.connections_accepted += counters.accepted.get();
    sum.connections_open += counters.open.get();
    sum.clients_authenticated += shard->authenticated_clients();
    sum.upgrades_refused += counters.refused.get();
    sum.messages_received += counters.messages_received.get();
    sum.messages_sent += counters.messages_sent.get();
    sum.messages_dropped += counters.messages_dropped.get();
    sum.decryption_failures += shard->decryption_failures();
    sum.protocol_errors += counters.protocol_errors.get();
    sum.accept_pauses += counters.accept_pauses.get();
    sum.ticks += counters.ticks.get();
  }
  return sum;
}

BrokerState Server::broker_state() const { return impl_->core().port().state(); }
BrokerStatistics Server::broker_statistics() const { return impl_->core().port().statistics(); }

void Server::log(LogLevel level, std::string_view line) const { impl_->core().log()(level, line); }

}  // namespace hearth
