#include "api/connection.hpp"

#include "api/desk.hpp"
#include "api/host.hpp"
#include "api/pages.hpp"
#include "api/routes.hpp"
#include "api/shard_probe.hpp"
#include "config/config.hpp"
#include "hearth/json.hpp"
#include "hearth/server.hpp"
#include "net/file_descriptor.hpp"
#include "support/patience.hpp"

#include <gmock/gmock.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::app {
namespace {

namespace asio = boost::asio;
using testing::HasSubstr;
using namespace std::chrono_literals;

Options options() {
  return {.identifier = "test",
          .listen = {"127.0.0.1:0"},
          .threads = 1,
          .authenticate = [](const AuthenticateRequest&) -> AuthenticateResult { return std::nullopt; }};
}

/// A connection to the API whose reader takes nothing.
class UnreadConnection : public testing::Test {
 protected:
  UnreadConnection() {
    server_.start();
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) throw std::runtime_error("socketpair");
    reader_ = net::FileDescriptor(ends[1]);
    const int least = 1;  // the kernel takes a few KiB nevertheless
    ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &least, sizeof(least));
    socket_.assign(asio::generic::stream_protocol(AF_UNIX, 0), ends[0]);
  }

  /// Asks for a stream that is fed again and again, until the connection has ended.
  void ask(std::string_view path, const std::function<void()>& feed) {
    constexpr int kFeeds = 200;  // more than the kernel takes, and less than may wait for a reader
    const std::string request = "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    ASSERT_EQ(::write(reader_.get(), request.data(), request.size()), static_cast<ssize_t>(request.size()));
    asio::co_spawn(io_, converse(std::move(socket_), std::nullopt, routes_, {.max_body = 1024, .patience = 300ms}),
                   [this](const std::exception_ptr&) { has_ended_ = true; });
    const test::Deadline deadline;
    for (int i = 0; !has_ended_ && !deadline.passed(); ++i) {
      if (i < kFeeds) feed();
      io_.run_for(5ms);
    }
  }
  /// All that it was sent; fails if that does not end.
  std::string read_to_the_end() const {
    std::string all;
    std::array<char, 4096> bytes{};
    for (ssize_t got = 1; got > 0; all.append(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)))) {
      got = ::recv(reader_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
      EXPECT_GE(got, 0) << "it has not been closed";
    }
    return all;
  }

  Server server_{options()};
  asio::io_context io_{1};
  const config::Config config_{};
  ShardProbe probe_{server_, io_.get_executor()};
  ApiDesk desk_{config_, ApiHost{server_}, probe_, io_.get_executor()};
  ApiRoutes routes_{desk_, ApiPages({})};
  asio::generic::stream_protocol::socket socket_{io_};
  net::FileDescriptor reader_;
  bool has_ended_ = false;
};

TEST_F(UnreadConnection, EndsAStreamOfSamples) {
  ask("/api/live", [this] { asio::co_spawn(io_, desk_.live.take(desk_), asio::detached); });
  EXPECT_TRUE(has_ended_);
  EXPECT_EQ(desk_.streams.count(), 0U);
  EXPECT_THAT(read_to_the_end(), HasSubstr("event: sample"));
}

TEST_F(UnreadConnection, EndsAStreamOfWhatIsPublished) {
  const std::string text = '"' + std::string(1000, 'x') + '"';
  ask("/api/watch?room=tea", [&] { server_.send_to_room("tea", "story", Json(text)); });
  EXPECT_TRUE(has_ended_);
  EXPECT_EQ(desk_.streams.count(), 0U);
  EXPECT_THAT(read_to_the_end(), HasSubstr("event: publication"));
}

}  // namespace
}  // namespace hearth::app
