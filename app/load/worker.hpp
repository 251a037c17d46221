#pragma once

#include "crypto/key_agreement.hpp"
#include "hearth/emitter.hpp"
#include "load/client.hpp"
#include "load/histogram.hpp"
#include "load/plan.hpp"
#include "load/stamp.hpp"
#include "load/traffic.hpp"
#include "net/counters.hpp"
#include "net/wakeup.hpp"
#include "protocol/envelope.hpp"
#include "websocket/deflate.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace hearth::load {

class Worker;

/// What the threads of a run have in common.
struct Run {
  const Plan& plan;
  Traffic traffic;
  std::vector<std::unique_ptr<Worker>> workers{};
  std::unique_ptr<Emitter> emitter{};
  std::atomic<bool> measuring{false};
  std::atomic<std::uint64_t> begun{0};  ///< messages, if the plan says how many there are to be
  const std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();

  /// Nanoseconds since it began.
  std::uint64_t now() const noexcept {
    return static_cast<std::uint64_t>((std::chrono::steady_clock::now() - began).count());
  }
};

/// A thread with its share of the clients, every `threads`-th: connects them, sends, and checks what comes.
class Worker {
 public:
  Worker(Run& run, unsigned number);

  // From any thread:
  void start();
  /// Before any of a run's workers goes, all have to be stopped: they talk to each other.
  void stop();
  /// Runs a function on the thread and waits for what it returns.
  template <class Function>
  auto ask(Function function) -> decltype(function(*this)) {
    std::packaged_task<decltype(function(*this))()> task([this, &function] { return function(*this); });
    auto answer = task.get_future();
    post([&task] { task(); });
    return answer.get();
  }
  void post(std::function<void()> task);

  const net::Counter& connected() const noexcept { return connected_; }    ///< authenticated, since the beginning
  const net::Counter& ready() const noexcept { return ready_; }            ///< in their rooms
  const net::Counter& deliveries() const noexcept { return deliveries_; }  ///< since the beginning
  const net::Counter& messages() const noexcept { return messages_; }
  const net::Counter& errors() const noexcept { return errors_; }

  // On the thread, through ask():
  void connect_all(std::size_t at_a_time);
  void join_all();
  void start_traffic();
  /// Returns when Redis has all that went through it.
  void stop_traffic();
  /// Messages that members have not got yet.
  std::uint64_t lacking() const;
  Faults faults() const noexcept { return faults_; }
  const Histogram& latencies() const noexcept { return latencies_; }
  const Histogram& connect_times() const noexcept { return connect_times_; }
  const std::string& first_error() const noexcept { return first_error_; }

 private:
  // worker.cpp: the loop
  void run_thread();
  void wait();
  void take_tasks();
  void flush();
  void flush(Client& client);
  void watch(Client& client, bool for_writing);
  void read(Client& client);
  void error(Client& client, std::string what);
  void lose(Client& client, std::string why);

  // worker_connect.cpp: from nothing to a client in its rooms
  void connect_more();
  void connect(Client& client);
  void socket_ready(Client& client);
  std::size_t read_head(Client& client, std::string_view received);
  void authenticate(Client& client);
  void become_open(Client& client, std::string_view data);
  void agree_on_key(Client& client, std::string_view data);
  void join_rooms(Client& client);
  void request(Client& client, bool is_join, std::vector<std::uint32_t> streams);
  void request_answered(Client& client);
  void check_ready(Client& client);

  // worker_messages.cpp: what comes and what goes
  void read_frames(Client& client, std::span<char> bytes);
  void received(Client& client, std::string_view text);
  void received_stamp(Client& client, const Stamp& stamp);
  void received_event(Client& client, const protocol::Envelope& envelope);
  void send_plain(Client& client, std::string_view text);
  void send_frame(Client& client, websocket::Opcode opcode, std::string_view payload);
  void send_event(Client& client, std::string_view text);

  // worker_traffic.cpp: when what is sent
  void drive();
  void refill(Lane& lane);
  void send_on_schedule();
  void send_message(std::uint32_t stream, std::uint64_t at);
  std::uint32_t pick(const Lane& lane);
  void arrived(Lane& lane, std::int64_t copies);
  void change_members();
  void reconnect_some();
  void send_heartbeats();
  std::uint64_t next_due() const noexcept;

  Run& run_;
  const Plan& plan_;
  const unsigned number_;
  net::FileDescriptor epoll_;
  net::Wakeup wakeup_;
  std::thread thread_;

  std::mutex mutex_;
  std::vector<std::function<void()>> tasks_;  // guarded by mutex_

  net::Counter connected_;
  net::Counter ready_;
  net::Counter deliveries_;
  net::Counter messages_;
  net::Counter errors_;

  // the thread alone
  crypto::MessageCipher cipher_;  // outlives the clients
  std::unique_ptr<crypto::KeyPair> key_pair_;
  std::string public_key_;
  websocket::Inflater inflater_{15};
  protocol::EnvelopeReader reader_;
  std::deque<Client> clients_;
  std::vector<Client*> dirty_;
  std::vector<char> buffer_;
  std::string scratch_;
  std::string data_;
  std::mt19937 random_;
  bool stopping_ = false;
  bool joins_at_once_ = false;
  bool is_sending_ = false;

  std::size_t connecting_ = 0;
  std::size_t at_a_time_ = 0;
  std::deque<Client*> to_connect_;

  std::vector<Lane*> lanes_;     // whose senders are here
  std::vector<Lane*> complete_;  // of them: everything has arrived
  std::size_t next_lane_ = 0;
  double interval_ = 0;  // nanoseconds between two messages, open loop
  double next_send_ = 0;
  double change_interval_ = 0;
  double next_change_ = 0;
  double reconnect_interval_ = 0;
  double next_reconnect_ = 0;
  std::uint64_t next_heartbeat_ = 0;
  std::deque<std::future<EmitResult>> emitted_;

  Faults faults_;
  Histogram latencies_;
  Histogram connect_times_;
  std::string first_error_;
};

}  // namespace hearth::load
