#include "broker/envelope.hpp"
#include "hearth/broker.hpp"
#include "protocol/name_hash.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace hearth {

/// The brokers of one exchange. A message goes from the thread that publishes it straight into the others' sinks, and
/// no lock is held then that subscribing needs.
class LocalExchange::Impl {
 public:
  /// One broker's part in it.
  struct Member {
    explicit Member(BrokerSink& its_sink) : sink(its_sink) {}

    void receive(const BrokerMessage& message) {
      const std::shared_lock lock(gate);
      if (!open) return;
      ++received;
      sink.message(message);
    }

    BrokerSink& sink;
    std::atomic<std::uint64_t> received{0};
    // under the exchange's mutex
    boost::unordered_flat_map<std::string, std::size_t, protocol::NameHash, std::equal_to<>> subscriptions;
    std::shared_mutex gate;  // held by whoever is in the sink
    bool open = true;
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
    const std::unique_lock gate(member->gate);
    member->open = false;
  }

  void publish(const std::shared_ptr<Member>& from, const BrokerMessage& message) {
    for (const auto& member : others_that_want(from, message.address)) member->receive(message);
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
    if (member_) throw std::logic_error("hearth: a broker can be started only once");
    member_ = std::make_shared<LocalExchange::Impl::Member>(sink);
    exchange_->add(member_);
    state_ = BrokerState::ready;
  }

  void stop() override {
    if (state_.exchange(BrokerState::stopped) == BrokerState::ready) exchange_->remove(member_);
  }

  void publish(const BrokerMessage& message) override {
    if (state_ != BrokerState::ready || message.event.empty()) return;
    ++published_;
    exchange_->publish(member_, message);
  }

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
    return statistics;
  }

 private:
  const std::shared_ptr<LocalExchange::Impl> exchange_;
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
