#include "broker/envelope.hpp"
#include "broker/log_limiter.hpp"
#include "hearth/broker.hpp"
#include "protocol/client_id.hpp"
#include "protocol/name_hash.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace hearth {

namespace {

/// How many calls of sinks this thread is in, one inside the other, of whatever exchange.
thread_local int calls_of_this_thread = 0;

/// The calls that are in a sink. No lock is held over a call: what a sink does, publishing included, may lead to any
/// other, and back.
class SinkCalls {
 public:
  /// False once it is closed.
  bool enter() {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    ++running_;
    ++calls_of_this_thread;
    return true;
  }

  void leave() {
    const std::lock_guard lock(mutex_);
    --calls_of_this_thread;
    if (--running_ == 0) ended_.notify_all();
  }

  /// Lets nobody in any more, and waits for those that are in; but not in the middle of a call, which may be what one
  /// of them waits for.
  void close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    if (calls_of_this_thread == 0) ended_.wait(lock, [this] { return running_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t running_ = 0;
  bool closed_ = false;
};

}  // namespace

/// The brokers of one exchange. A message goes from the thread that publishes it straight into the others' sinks,
/// without a lock.
class LocalExchange::Impl {
 public:
  /// One broker's part in it.
  struct Member {
    explicit Member(BrokerSink& its_sink) : sink(its_sink) {}

    void receive(const BrokerMessage& message) {
      call([&] { sink.message(message); });
    }
    void receive(const BrokerControl& control) {
      call([&] { sink.control(control); });
    }

    BrokerSink& sink;
    std::atomic<std::uint64_t> received{0};
    // under the exchange's mutex
    boost::unordered_flat_map<std::string, std::size_t, protocol::NameHash, std::equal_to<>> subscriptions;
    SinkCalls calls;

   private:
    template <class Call>
    void call(Call sink_call) {
      if (!calls.enter()) return;
      ++received;
      try {
        sink_call();
      } catch (...) {
        // It is this sink's to do without. The one who publishes and the other sinks have no part in it.
        complain();
      }
      calls.leave();
    }

    void complain() {
      try {
        const auto line = limiter_.admit("sink", "a message was lost to an exception of whoever was given it");
        if (line) sink.log(LogLevel::warning, *line);
      } catch (...) {
        // A log that fails must not take the publisher with it, and there is nowhere to say so.
      }
    }

    broker::LogLimiter limiter_;
  };

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
    for (const auto& member : others_that_want(from, message.address)) member->receive(message);
  }

  void control(const std::shared_ptr<Member>& from, const BrokerControl& control) {
    for (const auto& member : others(from)) member->receive(control);
  }

  void subscribe(Member& member, std::span<const BrokerAddress> addresses) {
    const std::lock_guard lock(mutex_);
    for (const BrokerAddress& address : addresses) ++member.subscriptions[protocol::channel_of(address)];
  }

  void unsubscribe(Member& member, std::span<const BrokerAddress> addresses) {
    const std::lock_guard lock(mutex_);
    for (const BrokerAddress& address : addresses) {
      const auto found = member.subscriptions.find(protocol::channel_of(address));
      if (found != member.subscriptions.end() && --found->second == 0) member.subscriptions.erase(found);
    }
  }

  std::size_t subscriptions(const Member& member) const {
    const std::lock_guard lock(mutex_);
    return member.subscriptions.size();
  }

 private:
  std::vector<std::shared_ptr<Member>> others_that_want(const std::shared_ptr<Member>& from,
                                                        const BrokerAddress& address) const {
    std::vector<std::shared_ptr<Member>> found;
    const bool to_all = address.kind == BrokerAddress::Kind::everybody;
    const std::string channel = protocol::channel_of(address);
    const std::lock_guard lock(mutex_);
    for (const auto& member : members_) {
      if (member != from && (to_all || member->subscriptions.contains(channel))) found.push_back(member);
    }
    return found;
  }

  std::vector<std::shared_ptr<Member>> others(const std::shared_ptr<Member>& from) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Member>> all = members_;
    std::erase(all, from);
    return all;
  }

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Member>> members_;
};

class LocalBroker final : public Broker {
 public:
  explicit LocalBroker(const LocalExchange& exchange) : exchange_(exchange.impl_) {}
  ~LocalBroker() override { LocalBroker::stop(); }
  LocalBroker(const LocalBroker&) = delete;
  LocalBroker& operator=(const LocalBroker&) = delete;

  void start(BrokerSink& sink) override {
    const std::lock_guard lock(life_);
    if (member_) throw std::logic_error("hearth: a broker can be started only once");
    member_ = std::make_shared<LocalExchange::Impl::Member>(sink);
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
    if (state_ == BrokerState::ready) exchange_->subscribe(*member_, addresses);
    return true;
  }

  void unsubscribe(std::span<const BrokerAddress> addresses) override {
    if (state_ == BrokerState::ready) exchange_->unsubscribe(*member_, addresses);
  }

  BrokerState state() const override { return state_; }

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
  const std::string id_ = protocol::ClientIdSource(0).next().str();
  const std::shared_ptr<LocalExchange::Impl> exchange_;
  std::mutex life_;                                      // held to start and to begin to stop
  std::shared_ptr<LocalExchange::Impl::Member> member_;  // there from start on, for good
  std::atomic<BrokerState> state_{BrokerState::stopped};
  std::atomic<std::uint64_t> published_{0};
};

LocalExchange::LocalExchange() : impl_(std::make_shared<Impl>()) {}
LocalExchange::~LocalExchange() = default;

std::shared_ptr<Broker> make_local_broker(const LocalExchange& exchange) {
  return std::make_shared<LocalBroker>(exchange);
}

}  // namespace hearth
