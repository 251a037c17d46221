// Where a server listens.

#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <thread>

namespace hearth::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

/// A directory of its own for a test's socket files.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "hearth-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// The client works there from connecting to a message in a room.
void expect_to_work(TestServer& server, const std::string& address) {
  TestClient client(address);
  client.upgrade().authenticate();
  server->send_to_room("ws-default", "news");
  client.expect("news");
}

std::string start_error(TestServer& server) {
  try {
    server->start();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "started";
}

// Leaves a socket file behind that nobody listens on, as a process does that was killed.
void leave_stale_socket(const std::string& path) {
  const net::FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

sockaddr_in own_address(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  return address;
}

// The server's end of a connection within this process; -1 if there is none.
int server_end_of(int client) {
  const sockaddr_in wanted = own_address(client);
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename());
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0 || peer.sin_family != AF_INET) continue;
    if (peer.sin_port == wanted.sin_port) return fd;
  }
  return -1;
}

TEST(Listening, WhatItAcceptsDoesNotWaitForMoreToSend) {
  for (const unsigned threads : {1U, 2U}) {
    TestServer server;
    server.start({.threads = threads});
    const TestClient client = server.client();
    int is_on = 0;
    socklen_t size = sizeof is_on;
    ASSERT_EQ(::getsockopt(server_end_of(client.fd()), IPPROTO_TCP, TCP_NODELAY, &is_on, &size), 0);
    EXPECT_NE(is_on, 0);
  }
}

TEST(Listening, OnIpv6) {
  TestServer server;
  server.start({.listen = {"[::1]:0"}});
  EXPECT_THAT(server.address(), StartsWith("[::1]:"));
  expect_to_work(server, server.address());
  const TestClient client = server.client();
  EXPECT_THAT(server->client(client.id())->remote_address, StartsWith("[::1]:"));
}

TEST(Listening, OnAHostName) {
  TestServer server;
  server.start({.listen = {"localhost:0"}});
  EXPECT_FALSE(server->addresses().empty());
  for (const std::string& address : server->addresses()) expect_to_work(server, address);
}

TEST(Listening, OnAUnixSocket) {
  const Folder folder;
  const std::string path = folder.file("socket");
  for (const unsigned threads : {1U, 4U}) {
    TestServer server;
    server.start({.listen = {"unix:" + path}, .threads = threads});
    EXPECT_EQ(server.address(), "unix:" + path);
    EXPECT_EQ(server->port(), 0);
    for (int i = 0; i < 10; ++i) expect_to_work(server, server.address());
    TestClient client = server.client();
    EXPECT_EQ(server->client(client.id())->remote_address, "unix");
    client.drop();
    server.destroy();
    EXPECT_FALSE(std::filesystem::exists(path)) << "it takes its file away";
  }
}

TEST(Listening, OnSeveralAddressesAtOnce) {
  const Folder folder;
  TestServer server;
  server.start({.listen = {"unix:" + folder.file("socket"), "127.0.0.1:0", "[::1]:0", "127.0.0.1:0"}, .threads = 2});
  const auto addresses = server->addresses();
  ASSERT_THAT(addresses, SizeIs(4));
  EXPECT_NE(addresses[1], addresses[3]);
  EXPECT_THAT(addresses[1], HasSubstr(':' + std::to_string(server->port())));
  for (const std::string& address : addresses) expect_to_work(server, address);
}

TEST(Listening, APortInUseIsNamed) {
  for (const unsigned threads : {1U, 4U}) {
    TestServer first;
    first.start({.threads = threads});
    TestServer second;
    second.make({.listen = {first.address()}, .threads = threads});
    EXPECT_THAT(start_error(second), HasSubstr("cannot listen on " + first.address()));
    expect_to_work(first, first.address());
  }
}

TEST(Listening, AnIpv4AddressInTheFormOfIpv6IsNamedWithWhatWouldBeRight) {
  TestServer server;
  for (const auto& [text, right] : {std::pair("[::ffff:127.0.0.1]:8080", "IPV6_V6ONLY); give 127.0.0.1:8080"),
                                    std::pair("[::ffff:a00:1]:0", "give 10.0.0.1:0")}) {
    server.make({.listen = {text}});
    EXPECT_THAT(start_error(server), AllOf(HasSubstr("`" + std::string(text) + '`'), HasSubstr(right)));
  }
}

TEST(Listening, AFailedStartCanBeTriedAgain) {
  TestServer first;
  first.start();
  TestServer second;
  second.make({.listen = {first.address()}});
  EXPECT_THAT(start_error(second), HasSubstr(first.address()));
  first.destroy();
  EXPECT_EQ(start_error(second), "started");
  expect_to_work(second, second.address());
}

TEST(Listening, OneBadAddressMeansNone) {
  const Folder folder;
  TestServer busy;
  busy.start();
  TestServer server;
  server.make({.listen = {"unix:" + folder.file("socket"), busy.address()}});
  EXPECT_THAT(start_error(server), HasSubstr(busy.address()));
  EXPECT_FALSE(std::filesystem::exists(folder.file("socket"))) << "nothing is left behind";
}

TEST(Listening, AStaleSocketFileIsReplaced) {
  const Folder folder;
  const std::string path = folder.file("socket");
  leave_stale_socket(path);
  TestServer server;
  server.start({.listen = {"unix:" + path}});
  expect_to_work(server, server.address());
}

TEST(Listening, ASocketFileInUseIsLeftAlone) {
  const Folder folder;
  TestServer first;
  first.start({.listen = {"unix:" + folder.file("socket")}});
  TestServer second;
  second.make({.listen = {first.address()}});
  EXPECT_THAT(start_error(second), HasSubstr(first.address()));
  second.destroy();
  expect_to_work(first, first.address());
}

TEST(Listening, AFileThatIsNoSocketIsLeftAlone) {
  const Folder folder;
  const std::string path = folder.file("precious");
  std::ofstream(path) << "text";
  TestServer server;
  server.make({.listen = {"unix:" + path}});
  EXPECT_THAT(start_error(server), HasSubstr(path));
  server.destroy();
  EXPECT_EQ(std::filesystem::file_size(path), 4U);
}

// It was shut down, another one has taken its place, and only then is it destroyed.
TEST(Listening, TheNextServersSocketFileIsLeftAlone) {
  const Folder folder;
  const std::string address = "unix:" + folder.file("socket");
  TestServer first;
  first.start({.listen = {address}});
  first->shutdown();
  TestServer second;
  second.start({.listen = {address}});
  first.destroy();
  expect_to_work(second, address);
}

// Something else has been put where its socket file was.
TEST(Listening, AFileInPlaceOfItsSocketFileIsLeftAlone) {
  const Folder folder;
  const std::string path = folder.file("socket");
  TestServer server;
  server.start({.listen = {"unix:" + path}});
  std::filesystem::remove(path);
  std::ofstream(path) << "text";
  server->shutdown();
  server.destroy();
  EXPECT_EQ(std::filesystem::file_size(path), 4U);
}

// Nobody accepts any more, so that nobody should find it: the next server may already be starting.
TEST(Listening, ASocketFileIsRemovedWhenListeningEnds) {
  const Folder folder;
  const std::string path = folder.file("socket");
  TestServer server;
  server.start({.listen = {"unix:" + path}});
  TestClient client(server.address());
  client.upgrade().authenticate();
  std::thread ending([&] { server->shutdown(); });
  client.wait_for_close();
  EXPECT_FALSE(std::filesystem::exists(path));
  client.finish();
  ending.join();
}

TEST(Listening, ASocketThatWasHandedInIsListenedOnByAllShards) {
  const Folder folder;
  const net::FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  folder.file("socket").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  TestServer server;
  const Options options{.listen = {"fd:" + std::to_string(socket.get())}, .threads = 2};
  server.make(options);
  EXPECT_THAT(start_error(server), HasSubstr("it is no stream socket that listens"));
  ASSERT_EQ(::listen(socket.get(), 16), 0);
  TestServer again;
  again.start(options);
  EXPECT_EQ(again->addresses(), std::vector<std::string>{"unix:" + folder.file("socket")});
  for (int i = 0; i < 4; ++i) expect_to_work(again, "unix:" + folder.file("socket"));
  // Whose socket it is, they say when its file goes.
  again->shutdown();
  again.destroy();
  EXPECT_TRUE(std::filesystem::exists(folder.file("socket")));
}

TEST(Listening, TextThatIsNoAddressIsRefused) {
  for (const std::string text :
       {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80", "[::1:80",
        "unix:", "nowhere.invalid:80", "fd:", "fd:x", "fd:-1", "fd:9999999999"}) {
    TestServer server;
    server.make({.listen = {text}});
    EXPECT_THROW(server->start(), std::invalid_argument) << text;
  }
  TestServer server;
  server.make({.listen = {"unix:/" + std::string(200, 'x')}});
  EXPECT_THROW(server->start(), std::invalid_argument);
}

// 203.0.113.0/24 is for documentation: no machine has it.
TEST(Listening, AnAddressOfAnotherMachineIsNamed) {
  TestServer server;
  server.make({.listen = {"203.0.113.1:0"}});
  EXPECT_THAT(start_error(server), HasSubstr("203.0.113.1"));
}

}  // namespace
}  // namespace hearth::test
