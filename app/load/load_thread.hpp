#pragma once

#include "load/client.hpp"
#include "load/connect_queue.hpp"
#include "load/conversation.hpp"
#include "load/emissions.hpp"
#include "load/lanes.hpp"
#include "load/run.hpp"
#include "load/sockets.hpp"
#include "load/tally.hpp"
#include "load/task_queue.hpp"
#include "load/turnover.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <span>
#include <string>
#include <thread>

namespace hearth::load {

/// A thread with its share of the clients, every `threads`-th: connects them, sends, and checks what comes.
class LoadThread final : SocketEvents, ConversationEvents {
 public:
  LoadThread(Run& run, unsigned number);

  // From any thread:
  void start();
  /// Before any of a run's threads goes, all have to be stopped: they talk to each other.
  void stop();
  /// Runs a function on the thread and waits for what it returns.
  template <class Function>
  auto ask(Function function) -> decltype(function(*this)) {
    std::packaged_task<decltype(function(*this))()> task([this, &function] { return function(*this); });
    auto answer = task.get_future();
    tasks_.post([&task] { task(); });
    return answer.get();
  }
  /// Its counters; the rest through ask().
  const Tally& tally() const noexcept { return tally_; }

  // On the thread, through ask():
  void connect_all(std::size_t at_a_time);
  void join_all();
  void start_traffic();
  /// All but the first client go, without a word.
  void cut_off();
  /// The first client sends so many messages to each room that it sends to.
  void send_to_all_rooms(std::uint64_t messages);
  /// Those who went come back, where they were.
  void return_all(std::size_t at_a_time);
  /// Returns when Redis has all that went through it.
  void stop_traffic();
  /// Messages that members have not got yet.
  std::uint64_t lacking() const;

 private:
  std::uint64_t sent(std::uint32_t stream) const noexcept {
    return run_.traffic.streams[stream].sent.load(std::memory_order_acquire);
  }
  void run_thread();
  void drive();
  std::uint64_t next_due() const noexcept;
  void connect_more();
  void send_heartbeats();
  void send_message(std::uint32_t stream, std::uint64_t at);
  void change_members();
  void reconnect_some();
  void note_return(Client& client);

  void connected(Socket& socket) override;
  void received(Socket& socket, std::span<char> bytes) override;
  void lost(Socket& socket, std::string why) override;
  void opened(Client& client) override;
  void settled(Client& client) override;
  void delivered(Client& client, const Stamp& stamp) override;
  void erred(Client& client, std::string what) override;
  void failed(Client& client, std::string why) override;

  Run& run_;
  const Plan& plan_;
  std::thread thread_;
  Tally tally_;

  Sockets sockets_;
  TaskQueue tasks_;
  Conversation conversation_;
  std::deque<Client> clients_;
  ConnectQueue connecting_;
  Lanes lanes_;
  Turnover turnover_;
  Emissions emissions_;
  Pace heartbeats_;
  std::string data_;
  bool stopping_ = false;
  bool joins_at_once_ = false;
  bool is_sending_ = false;
  bool is_returning_ = false;
};

}  // namespace hearth::load
