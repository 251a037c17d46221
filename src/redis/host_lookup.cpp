#include "redis/host_lookup.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace hearth::redis {

namespace asio = boost::asio;

namespace {

struct Answer {
  boost::system::error_code error;
  HostLookup::Addresses addresses;
};

Answer ask_system(const std::string& host) {
  Answer answer;
  asio::io_context unused;
  asio::ip::tcp::resolver resolver(unused);
  for (const auto& found : resolver.resolve(host, "", answer.error)) {
    answer.addresses.push_back(found.endpoint().address());
  }
  return answer;
}

}  // namespace

struct HostLookup::Waiting {
  Waiting(const asio::any_io_executor& its_executor, std::string its_host)
      : executor(its_executor), host(std::move(its_host)), answered(executor, asio::steady_timer::time_point::max()) {}

  void take(Answer its_answer) {
    if (answer) return;
    answer = std::move(its_answer);
    answered.cancel();
  }

  const asio::any_io_executor executor;
  const std::string host;
  asio::steady_timer answered;  // never expires; cancelled when there is an answer
  std::optional<Answer> answer{};
};

/// The lookups under way, with who waits for them. A waiting one's executor is touched under the mutex alone, and so no
/// more once `remove` has returned.
class HostLookup::Running {
 public:
  void add(const std::shared_ptr<Waiting>& waiting) {
    const std::lock_guard lock(mutex_);
    const auto [lookup, is_new] = lookups_.try_emplace(waiting->host);
    lookup->second.push_back(waiting);
    if (!is_new) return;
    try {
      std::thread([this, host = waiting->host] { look_up(host); }).detach();
    } catch (...) {
      lookups_.erase(lookup);
      throw;
    }
  }

  void remove(const std::shared_ptr<Waiting>& waiting) {
    const std::lock_guard lock(mutex_);
    const auto lookup = lookups_.find(waiting->host);
    if (lookup != lookups_.end()) std::erase(lookup->second, waiting);
  }

 private:
  void look_up(const std::string& host) {
    const Answer answer = ask_system(host);
    const std::lock_guard lock(mutex_);
    const auto lookup = lookups_.extract(host);
    for (const std::shared_ptr<Waiting>& waiting : lookup.mapped()) {
      asio::post(waiting->executor, [waiting, answer] { waiting->take(answer); });
    }
  }

  std::mutex mutex_;
  std::map<std::string, std::vector<std::shared_ptr<Waiting>>> lookups_;
};

// Never destroyed: a lookup may outlive `main`.
HostLookup::Running& HostLookup::running() {
  static auto* const all = new Running;
  return *all;
}

HostLookup::HostLookup(asio::any_io_executor executor) : executor_(std::move(executor)) {}

HostLookup::~HostLookup() {
  if (waiting_) running().remove(waiting_);
}

asio::awaitable<HostLookup::Addresses> HostLookup::find(std::string host) {
  boost::system::error_code no_address;
  const asio::ip::address address = asio::ip::make_address(host, no_address);
  if (!no_address) co_return Addresses{address};
  const auto waiting = std::make_shared<Waiting>(executor_, std::move(host));
  waiting_ = waiting;
  running().add(waiting);
  while (!waiting->answer) {
    boost::system::error_code cancelled;
    co_await waiting->answered.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
  running().remove(waiting);
  waiting_.reset();
  if (waiting->answer->error) throw boost::system::system_error(waiting->answer->error);
  co_return std::move(waiting->answer->addresses);
}

void HostLookup::cancel() {
  if (waiting_) waiting_->take({asio::error::operation_aborted, {}});
}

}  // namespace hearth::redis
