#include "broker/envelope.hpp"
#include "broker/exchange_member.hpp"
#include "broker/local_logs.hpp"
#include "broker/local_presence.hpp"
#include "broker/presence_commands.hpp"
#include "hearth/broker.hpp"
#include "protocol/client_id.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hearth {

namespace {

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

/// The brokers of one exchange. A message goes from the thread that publishes it straight into the others' sinks,
/// without a lock. What concerns the logs of rooms goes through a queue that is in the order of the logs, and that one
/// thread at a time empties: whoever finds nobody at it. So that order is every sink's, and what follows `subscribed`
/// misses nothing.
class LocalExchange::Impl {
 public:
  using Member = broker::ExchangeMember;

  void add(std::shared_ptr<Member> member) {
    const std::lock_guard lock(mutex_);
    members_.push_back(std::move(member));
  }

  /// After it, the member's sink is not called any more.
  void remove(const std::shared_ptr<Member>& member) {
    {
      const std::lock_guard lock(mutex_);
      std::erase(members_, member);
    }
    member->calls.close();
  }

  void publish(const std::shared_ptr<Member>& from, const BrokerMessage& message) {
    for (const auto& member : members_that_want(message.address, from.get())) member->receive(message);
  }

  Result<Appended> append(const Publication& publication, const Retention& retention,
                          std::string_view idempotency_key) {
    Result<broker::LocalLogs::Written> written = HistoryError::unavailable;
    {
      const std::lock_guard lock(logs_mutex_);
      written = logs_.append(publication, retention, idempotency_key, now_ms());
      if (!written) return written.error();
      if (!written->publication) return written->appended;
      auto members = members_that_want(BrokerAddress::room(publication.room), nullptr);
      if (!members.empty()) told_.push_back(Passed{std::move(members), std::move(written->publication)});
    }
    tell();
    return written->appended;
  }

  LogPage read(std::string_view room, std::uint64_t after, std::size_t count) {
    const std::lock_guard lock(logs_mutex_);
    return logs_.read(room, after, count, now_ms());
  }

  std::vector<LogTop> tops(std::span<const std::string> rooms) {
    std::vector<LogTop> tops;
    tops.reserve(rooms.size());
    const std::lock_guard lock(logs_mutex_);
    for (const std::string& room : rooms) tops.push_back(logs_.top(room));
    return tops;
  }

  void erase(std::string_view room) {
    const std::lock_guard lock(logs_mutex_);
    logs_.erase(room);
  }

  void say(const std::shared_ptr<Member>& from, std::string_view instance, const PresenceReport& report) {
    {
      const std::lock_guard lock(logs_mutex_);
      if (!presence_.write(instance, report)) return;
      auto members = members_that_want(presence_channel(report.room), false, from.get());
      if (!members.empty()) told_.push_back(Said{std::move(members), std::string(instance), report});
    }
    tell();
  }

  void watch(const std::shared_ptr<Member>& member, std::string_view room) {
    {
      const std::lock_guard logs_lock(logs_mutex_);
      const std::lock_guard lock(mutex_);
      ++member->subscriptions[presence_channel(room)];
      told_.push_back(Watched{member, std::string(room)});
    }
    tell();
  }

  void unwatch(Member& member, std::string_view room) {
    const std::lock_guard lock(mutex_);
    take_back(member, presence_channel(room));
  }

  broker::LocalPresence& presence() noexcept { return presence_; }

  void control(const std::shared_ptr<Member>& from, const BrokerControl& control) {
    for (const auto& member : others(from)) member->receive(control);
  }

  void subscribe(const std::shared_ptr<Member>& member, std::span<const BrokerAddress> addresses) {
    {
      const std::lock_guard logs_lock(logs_mutex_);
      const std::lock_guard lock(mutex_);
      for (const BrokerAddress& address : addresses) ++member->subscriptions[protocol::channel_of(address)];
      Subscribed subscribed{member, {}};
      for (const BrokerAddress& address : addresses) subscribed.addresses.emplace_back(address.kind, address.name);
      told_.push_back(std::move(subscribed));
    }
    tell();
  }

  void unsubscribe(Member& member, std::span<const BrokerAddress> addresses) {
    const std::lock_guard lock(mutex_);
    for (const BrokerAddress& address : addresses) take_back(member, protocol::channel_of(address));
  }

  std::size_t subscriptions(const Member& member) const {
    const std::lock_guard lock(mutex_);
    return member.subscriptions.size();
  }

 private:
  struct Passed {
    std::vector<std::shared_ptr<Member>> members;
    PublicationPtr publication;
  };
  struct Subscribed {
    std::shared_ptr<Member> member;
    std::vector<std::pair<BrokerAddress::Kind, std::string>> addresses;
  };

  struct Said {
    std::vector<std::shared_ptr<Member>> members;
    std::string instance;
    PresenceReport report;
  };
  struct Watched {
    std::shared_ptr<Member> member;
    std::string room;
  };

  static std::string presence_channel(std::string_view room) {
    return std::string(broker::kPresenceChannel).append(room);
  }

  static void take_back(Member& member, const std::string& channel) {
    const auto found = member.subscriptions.find(channel);
    if (found != member.subscriptions.end() && --found->second == 0) member.subscriptions.erase(found);
  }

  static void tell(const Said& said) {
    for (const auto& member : said.members) member->receive(said.instance, said.report);
  }

  static void tell(const Watched& watched) { watched.member->watched(watched.room); }

  static void tell(const Passed& passed) {
    for (const auto& member : passed.members) member->receive(passed.publication);
  }

  static void tell(const Subscribed& subscribed) {
    std::vector<BrokerAddress> addresses;
    addresses.reserve(subscribed.addresses.size());
    for (const auto& [kind, name] : subscribed.addresses) addresses.push_back({kind, name});
    subscribed.member->subscribed(addresses);
  }

  /// Empties the queue, unless a thread is at it, perhaps this one: then that will.
  void tell() {
    std::unique_lock lock(logs_mutex_);
    if (std::exchange(telling_, true)) return;
    while (!told_.empty()) {
      const auto next = std::move(told_.front());
      told_.pop_front();
      lock.unlock();
      std::visit([](const auto& what) { tell(what); }, next);
      lock.lock();
    }
    telling_ = false;
  }

  /// Of all but one.
  std::vector<std::shared_ptr<Member>> members_that_want(const BrokerAddress& address, const Member* but) const {
    return members_that_want(protocol::channel_of(address), address.kind == BrokerAddress::Kind::everybody, but);
  }

  std::vector<std::shared_ptr<Member>> members_that_want(const std::string& channel, bool to_all,
                                                         const Member* but) const {
    std::vector<std::shared_ptr<Member>> found;
    const std::lock_guard lock(mutex_);
    for (const auto& member : members_) {
      if (member.get() != but && (to_all || member->subscriptions.contains(channel))) found.push_back(member);
    }
    return found;
  }

  std::vector<std::shared_ptr<Member>> others(const std::shared_ptr<Member>& from) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Member>> all = members_;
    std::erase(all, from);
    return all;
  }

  std::mutex logs_mutex_;  // of the logs, and of what is to be told of them; taken before the other
  broker::LocalLogs logs_;
  std::deque<std::variant<Passed, Subscribed, Said, Watched>> told_;
  broker::LocalPresence presence_;
  bool telling_ = false;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Member>> members_;
};

class LocalBroker final : public Broker, private History, private Presence {
 public:
  explicit LocalBroker(const LocalExchange& exchange) : exchange_(exchange.impl_) {}
  ~LocalBroker() override { LocalBroker::stop(); }
  LocalBroker(const LocalBroker&) = delete;
  LocalBroker& operator=(const LocalBroker&) = delete;

  void start(BrokerSink& sink) override {
    const std::lock_guard lock(life_);
    if (member_) throw std::logic_error("hearth: a broker can be started only once");
    member_ = std::make_shared<broker::ExchangeMember>(sink);
    exchange_->add(member_);
    state_ = BrokerState::ready;
  }

  void stop() override {
    {
      const std::lock_guard lock(life_);
      if (!member_) return;
      state_ = BrokerState::stopped;
    }
    exchange_->remove(member_);
    exchange_->presence().end(id_);
  }

  void publish(const BrokerMessage& message) override {
    if (state_ != BrokerState::ready || message.event.empty()) return;
    ++published_;
    exchange_->publish(member_, message);
  }

  bool control(JsonView message) override {
    if (state_ != BrokerState::ready || message.text().size() > kMaxControlSize) return false;
    const std::string envelope = protocol::control_envelope(id_, message.text());
    protocol::ControlEnvelopeReader reader;
    if (envelope.empty() || !reader.read(envelope)) return false;
    ++published_;
    exchange_->control(member_, {.sender = id_, .op = reader.envelope().op, .message = JsonView::trusted(envelope)});
    return true;
  }

  std::string_view instance_id() const override { return id_; }

  bool subscribe(std::span<const BrokerAddress> addresses, std::function<void()> /*done*/) override {
    if (state_ == BrokerState::ready) exchange_->subscribe(member_, addresses);
    return true;
  }

  void unsubscribe(std::span<const BrokerAddress> addresses) override {
    if (state_ == BrokerState::ready) exchange_->unsubscribe(*member_, addresses);
  }

  BrokerState state() const override { return state_; }
  History* history() noexcept override { return this; }
  Presence* presence() noexcept override { return this; }

  BrokerStatistics statistics() const override {
    BrokerStatistics statistics;
    statistics.published = published_;
    if (state_ == BrokerState::stopped) return statistics;
    statistics.received = member_->received;
    statistics.subscriptions = exchange_->subscriptions(*member_);
    statistics.control = true;
    return statistics;
  }

 private:
  void append(const Publication& publication, const Retention& retention, std::string_view idempotency_key,
              Done<Appended> done) override {
    if (state_ != BrokerState::ready) return done(HistoryError::unavailable);
    const auto appended = exchange_->append(publication, retention, idempotency_key);
    if (appended) ++published_;
    done(appended);
  }

  void read(std::string_view room, std::uint64_t after, std::size_t count, Done<LogPage> done) override {
    if (state_ != BrokerState::ready) return done(HistoryError::unavailable);
    done(exchange_->read(room, after, count));
  }

  void tops(std::vector<std::string> rooms, Done<std::vector<LogTop>> done) override {
    if (state_ != BrokerState::ready) return done(HistoryError::unavailable);
    done(exchange_->tops(rooms));
  }

  void erase(std::string_view room, Done<void> done) override {
    if (state_ != BrokerState::ready) return done(HistoryError::unavailable);
    exchange_->erase(room);
    done(Result<void>());
  }

  void look(std::optional<std::chrono::milliseconds> life, Done<LivingInstances> done) override {
    if (state_ != BrokerState::ready) return done(HistoryError::unavailable);
    done(exchange_->presence().look(id_, life, std::chrono::steady_clock::now()));
  }

  void write(const PresenceReport& report, Done<void> done) override {
    if (state_ != BrokerState::ready) return done(HistoryError::unavailable);
    exchange_->say(member_, id_, report);
    done(Result<void>());
  }

  void read(std::string_view room, Done<std::vector<PresenceEntry>> done) override {
    if (state_ != BrokerState::ready) return done(HistoryError::unavailable);
    done(exchange_->presence().read(room, std::chrono::steady_clock::now()));
  }

  void forget(std::string_view room, std::string_view instance) override {
    exchange_->presence().forget(room, instance, std::chrono::steady_clock::now());
  }

  void watch(std::string_view room) override {
    if (state_ == BrokerState::ready) exchange_->watch(member_, room);
  }

  void unwatch(std::string_view room) override {
    if (state_ == BrokerState::ready) exchange_->unwatch(*member_, room);
  }

  const std::string id_ = protocol::ClientIdSource(0).next().str();
  const std::shared_ptr<LocalExchange::Impl> exchange_;
  std::mutex life_;                                 // held to start and to begin to stop
  std::shared_ptr<broker::ExchangeMember> member_;  // there from start on, for good
  std::atomic<BrokerState> state_{BrokerState::stopped};
  std::atomic<std::uint64_t> published_{0};
};

LocalExchange::LocalExchange() : impl_(std::make_shared<Impl>()) {}
LocalExchange::~LocalExchange() = default;

std::shared_ptr<Broker> make_local_broker(const LocalExchange& exchange) {
  return std::make_shared<LocalBroker>(exchange);
}

}  // namespace hearth
