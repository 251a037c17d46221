// Ten thousand clients on four shards, a thousand of which join and leave rooms all the time, while three threads send.
// The clients live in a process of their own: both ends together need more descriptors than a process may have.

#include "support/client_swarm.hpp"
#include "support/forked.hpp"
#include "support/test_server.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <random>
#include <thread>

namespace hearth::test {
namespace {

constexpr std::size_t kClients = 10'000;
constexpr std::size_t kChurning = kClients / 10;  // the first ones
constexpr std::size_t kRooms = 50;
constexpr std::size_t kUsers = kClients / 2;
constexpr std::size_t kThreads = 3;
constexpr std::size_t kMessages = 1'000;  // of each thread

// What both processes look at.
struct Shared {
  std::atomic<std::uint16_t> port = 0;
  std::atomic<bool> connected = false;
  std::array<std::atomic<std::size_t>, kThreads> begun{};  ///< how many messages a thread has begun to send
};

struct Destination {
  enum class Kind : std::uint8_t { everybody, room, user } kind;
  std::size_t number;
};

// Whom a thread's message of that number is for: known to the senders and to those who check.
Destination destination_of(std::size_t thread, std::size_t message) {
  std::mt19937 random(static_cast<std::uint32_t>(thread * kMessages + message));
  const auto kind = random() % 50;
  if (kind == 0) return {Destination::Kind::everybody, 0};
  if (kind < 15) return {Destination::Kind::room, random() % kRooms};
  return {Destination::Kind::user, random() % kUsers};
}

std::string room_name(std::size_t room) { return std::string("room ") + std::to_string(room); }
std::string user_name(std::size_t user) { return std::string("user ") + std::to_string(user); }

void send_all(Server& server, Shared& shared, std::size_t thread) {
  for (std::size_t message = 0; message < kMessages; ++message) {
    const Destination to = destination_of(thread, message);
    const boost::json::value data{thread, message};
    shared.begun[thread] = message + 1;
    switch (to.kind) {
      case Destination::Kind::everybody:
        server.broadcast("n", data);
        break;
      case Destination::Kind::room:
        server.send_to_room(room_name(to.number), "n", data);
        break;
      case Destination::Kind::user:
        server.send_to_user(user_name(to.number), "n", data);
        break;
    }
  }
}

/// What one client has got, and what it must get. Throws when something is lost, comes twice or in the wrong order.
///
/// Of each thread's messages, every client gets those to everybody and to its user, all of them and in the order sent.
/// So does a client that stays in its room with those to the room. One that comes and goes gets, of each thread's
/// messages to the room it joined, an unbroken run: none before its join was acknowledged nor after its leave was, and
/// none missing that was begun after it had the acknowledgement, up to the last one it gets.
class Check {
 public:
  Check(const Shared& shared, const std::array<std::vector<Destination>, kThreads>& plan, std::size_t client)
      : shared_(shared), plan_(plan), client_(client) {
    if (!churns()) room_ = client % kRooms;
  }

  bool churns() const { return client_ < kChurning; }

  void joined(std::size_t room) {
    room_ = room;
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      complete_from_[thread] = shared_.begun[thread];
      in_run_[thread] = false;
    }
  }
  void left() { room_ = kRooms; }

  void got(std::size_t thread, std::size_t message) {
    if (thread >= kThreads || message >= kMessages) fail("nobody sent", thread, message);
    if (message < next_[thread]) fail("twice or too late", thread, message);
    for (std::size_t skipped = next_[thread]; skipped < message; ++skipped) {
      if (must_have(thread, skipped)) fail("one was lost before", thread, message);
    }
    if (!may_have(thread, message)) fail("not for this client", thread, message);
    if (plan_[thread][message].kind == Destination::Kind::room) in_run_[thread] = true;
    next_[thread] = message + 1;
  }

  bool complete() {
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      while (done_[thread] < kMessages && (done_[thread] < next_[thread] || !is_for_good(thread, done_[thread]))) {
        ++done_[thread];
      }
      if (done_[thread] < kMessages) return false;
    }
    return true;
  }

 private:
  bool may_have(std::size_t thread, std::size_t message) const {
    const Destination& to = plan_[thread][message];
    return to.kind == Destination::Kind::everybody ||
           (to.kind == Destination::Kind::user && to.number == client_ % kUsers) ||
           (to.kind == Destination::Kind::room && to.number == room_);
  }
  // Whether it gets this one whatever room it is in.
  bool is_for_good(std::size_t thread, std::size_t message) const {
    return may_have(thread, message) && (!churns() || plan_[thread][message].kind != Destination::Kind::room);
  }
  bool must_have(std::size_t thread, std::size_t message) const {
    return is_for_good(thread, message) ||
           (may_have(thread, message) && (in_run_[thread] || message >= complete_from_[thread]));
  }
  [[noreturn]] void fail(const std::string& what, std::size_t thread, std::size_t message) const {
    throw std::runtime_error("client " + std::to_string(client_) + ", message " + std::to_string(message) +
                             " of thread " + std::to_string(thread) + ": " + what);
  }

  const Shared& shared_;
  const std::array<std::vector<Destination>, kThreads>& plan_;
  const std::size_t client_;
  std::size_t room_ = kRooms;
  std::array<std::size_t, kThreads> next_{};
  std::array<std::size_t, kThreads> done_{};
  std::array<std::size_t, kThreads> complete_from_{};
  std::array<bool, kThreads> in_run_{};
};

std::size_t read_number(const char*& at, const char* end) {
  std::size_t number = 0;
  at = std::from_chars(at, end, number).ptr + 1;
  return number;
}

/// The process of the clients.
class Audience {
 public:
  explicit Audience(Shared& shared)
      : shared_(shared),
        swarm_("127.0.0.1:" + std::to_string(shared.port.load()),
               [this](std::size_t client, std::string_view text) { take(client, text); }) {
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      for (std::size_t i = 0; i < kMessages; ++i) plan_[thread].push_back(destination_of(thread, i));
    }
    for (std::size_t i = 0; i < kClients; ++i) checks_.emplace_back(shared, plan_, i);
    wanted_.resize(kClients, kRooms);
    waiting_.resize(kClients);
  }

  void run() {
    swarm_.grow_to(kClients, [](std::size_t client) { return R"({"userId":")" + user_name(client % kUsers) + "\"}"; });
    for (std::size_t client = kChurning; client < kClients; ++client) ask(client, "join", client % kRooms);
    swarm_.run_until("all to be in their rooms", [&] { return answers_ == kClients - kChurning; });
    shared_.connected = true;

    std::size_t incomplete = 0;
    swarm_.run_until("all messages", [&] {
      churn();
      while (incomplete < kClients && checks_[incomplete].complete()) ++incomplete;
      return incomplete == kClients;
    });
    // Whatever came too much comes before the answer to this.
    swarm_.run_until("the last answers", [&] { return std::count(waiting_.begin(), waiting_.end(), true) == 0; });
    answers_ = 0;
    for (std::size_t client = 0; client < kClients; ++client) ask(client, "leave", kRooms);
    swarm_.run_until("answers to the end", [&] { return answers_ == kClients; });
  }

 private:
  void ask(std::size_t client, std::string_view what, std::size_t room) {
    waiting_[client] = true;
    swarm_.send(client, envelope(what, R"({"rooms":[")" + room_name(room) + "\"]}", what));
  }

  // Has some of those that come and go do so.
  void churn() {
    for (int i = 0; i < 4; ++i) {
      const std::size_t client = random_() % kChurning;
      if (waiting_[client]) continue;
      if (wanted_[client] == kRooms) {
        wanted_[client] = random_() % kRooms;
        ask(client, "join", wanted_[client]);
      } else {
        ask(client, "leave", std::exchange(wanted_[client], kRooms));
      }
    }
  }

  void take(std::size_t client, std::string_view text) {
    constexpr std::string_view kMessage = R"({"event":"n","data":[)";
    if (text.starts_with(kMessage)) {
      const char* at = text.data() + kMessage.size();
      const char* end = text.data() + text.size();
      const std::size_t thread = read_number(at, end);
      return checks_[client].got(thread, read_number(at, end));
    }
    if (!text.starts_with(R"({"event":"ack")")) throw std::runtime_error("no ack: " + std::string(text));
    waiting_[client] = false;
    ++answers_;
    if (!checks_[client].churns()) return;
    if (text.ends_with(R"("join"})")) {
      checks_[client].joined(wanted_[client]);
    } else {
      checks_[client].left();
    }
  }

  Shared& shared_;
  std::array<std::vector<Destination>, kThreads> plan_;
  std::vector<Check> checks_;
  std::vector<std::size_t> wanted_;  // the room that a churning client is in or asked for, kRooms: none
  std::vector<bool> waiting_;
  std::size_t answers_ = 0;
  std::mt19937 random_{7};
  ClientSwarm swarm_;
};

bool allow_descriptors(rlim_t count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= count) return true;
  limit.rlim_cur = limit.rlim_max;
  return limit.rlim_max >= count && ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

TEST(ShardsFanout, NothingIsLostReorderedOrDoubledWhileMembersComeAndGo) {
  if (!allow_descriptors(kClients + 200)) {
    GTEST_SKIP() << "needs " << kClients + 200 << " file descriptors; raise the hard limit (ulimit -Hn)";
  }
  Shared& shared = make_shared_state<Shared>();
  Forked audience([&] {
    eventually("the server to listen", [&] { return shared.port != 0; });
    Audience(shared).run();
  });
  TestServer server;
  server.start({.auth_timeout = kPatience, .threads = 4, .validate_room = allow_all});
  shared.port = server->port();
  while (!shared.connected && !audience.ended()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (shared.connected) {
    std::vector<std::jthread> senders;
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      senders.emplace_back([&, thread] { send_all(*server, shared, thread); });
    }
  }
  EXPECT_EQ(audience.wait(), "");
  EXPECT_EQ(server->statistics().messages_dropped, 0U);
  EXPECT_EQ(server->statistics().connections_accepted, kClients);
}

}  // namespace
}  // namespace hearth::test
