#include "load/sockets.hpp"

#include "net/listener.hpp"
#include "support/patience.hpp"

#include <gmock/gmock.h>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <deque>

namespace hearth::load {
namespace {

using test::eventually;
using testing::HasSubstr;

/// Notes what happens to sockets.
struct Noted final : SocketEvents {
  int connections = 0;
  std::string bytes;
  std::vector<std::string> losses;

  void connected(Socket&) override { ++connections; }
  void received(Socket&, std::span<char> received) override { bytes.append(received.data(), received.size()); }
  void lost(Socket&, std::string why) override { losses.push_back(std::move(why)); }
};

constexpr std::uint64_t kMillisecond = 1'000'000;

std::array<net::FileDescriptor, 2> pair() {
  std::array<int, 2> ends{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
  return {net::FileDescriptor(ends[0]), net::FileDescriptor(ends[1])};
}

class LoadSockets : public testing::Test {
 protected:
  void turn_until(const char* what, const std::function<bool()>& done) {
    eventually(what, [&] {
      sockets_.wait(kMillisecond);
      sockets_.flush();
      return done();
    });
  }
  void say(std::string_view text) {
    socket_.out += text;
    sockets_.write(socket_);
  }
  std::string read_all(int fd) {
    std::string all;
    std::array<char, 65536> buffer;
    for (ssize_t got = 0; (got = ::read(fd, buffer.data(), buffer.size())) > 0;) {
      all.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return all;
  }

  net::ListenerSet listeners_{std::vector<std::string>{"127.0.0.1:0"}, 1};
  Noted noted_;
  Sockets sockets_{noted_, listeners_.addresses().front()};
  Socket socket_;
};

TEST_F(LoadSockets, ConnectToTheAddress) {
  listeners_.listen();
  sockets_.connect(socket_);
  turn_until("the connection", [&] { return noted_.connections == 1; });
  EXPECT_TRUE(socket_.fd);
}

TEST_F(LoadSockets, SayWhereNobodyListens) {
  net::Address nobody = listeners_.addresses().front();
  { const net::ListenerSet gone = std::move(listeners_); }
  Sockets sockets(noted_, nobody);
  sockets.connect(socket_);
  eventually("the refusal", [&] {
    sockets.wait(kMillisecond);
    return !noted_.losses.empty();
  });
  EXPECT_EQ(noted_.losses.front(), "cannot connect to " + nobody.str() + ": Connection refused");
  EXPECT_FALSE(socket_.fd);
}

TEST_F(LoadSockets, WriteWhatWasSaidInATurnAtItsEnd) {
  auto [mine, other] = pair();
  sockets_.adopt(socket_, std::move(mine));
  say("one ");
  say("two");
  EXPECT_EQ(read_all(other.get()), "");
  sockets_.flush();
  EXPECT_EQ(read_all(other.get()), "one two");
  EXPECT_EQ(socket_.out, "");
}

TEST_F(LoadSockets, GoOnWhenAFullOneIsReadFrom) {
  auto [mine, other] = pair();
  sockets_.adopt(socket_, std::move(mine));
  const std::string much(3'000'000, 'x');
  say(much);
  sockets_.flush();
  EXPECT_TRUE(socket_.is_full);
  std::string got;
  turn_until("everything", [&] {
    got += read_all(other.get());
    return got.size() == much.size();
  });
  EXPECT_EQ(got, much);
  EXPECT_FALSE(socket_.is_full);
}

TEST_F(LoadSockets, TellWhatComesAndThatTheOtherSideHasGone) {
  auto [mine, other] = pair();
  sockets_.adopt(socket_, std::move(mine));
  ASSERT_EQ(::write(other.get(), "hello", 5), 5);
  turn_until("the bytes", [&] { return noted_.bytes == "hello"; });
  other.reset();
  turn_until("the end", [&] { return !noted_.losses.empty(); });
  EXPECT_THAT(noted_.losses.front(), HasSubstr("the server has closed the connection"));
  EXPECT_FALSE(socket_.fd);
}

TEST_F(LoadSockets, AreClosedWithoutAnEvent) {
  auto [mine, other] = pair();
  sockets_.adopt(socket_, std::move(mine));
  say("unsent");
  sockets_.close(socket_);
  sockets_.flush();
  sockets_.wait(0);
  EXPECT_EQ(read_all(other.get()), "");
  EXPECT_TRUE(noted_.losses.empty());
}

TEST_F(LoadSockets, WaitNoLongerThanUntilTheyAreWoken) {
  sockets_.wakeup().notify();
  sockets_.wait(3'600'000 * kMillisecond);
  sockets_.wait(0);
}

}  // namespace
}  // namespace hearth::load
