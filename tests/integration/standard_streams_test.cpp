// Standard output and error of the command: closed, broken, or read by nobody.

#include "support/command.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace hearth::test {
namespace {

/// `hearth serve --dev` on a Unix socket, started with streams as `prepare` leaves them.
class Served {
 public:
  template <class Prepare>
  explicit Served(Prepare prepare, const std::string& log_level = "trace") {
    std::string pattern = (std::filesystem::temp_directory_path() / "hearth-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    address_ = "unix:" + (folder_ / "socket").string();
    pid_ = ::fork();
    if (pid_ == 0) {
      prepare();
      ::execl(command_path().c_str(), "hearth", "serve", "--dev", "--listen", address_.c_str(), "--threads", "1",
              "--log-level", log_level.c_str(), nullptr);
      ::_exit(127);
    }
    // The file is there before it is listened on.
    eventually("it to listen", [&] {
      try {
        TestClient probe(address_);
        return true;
      } catch (const std::runtime_error&) {
        return false;
      }
    });
  }
  ~Served() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    std::filesystem::remove_all(folder_);
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  TestClient client() const {
    TestClient client(address_);
    client.upgrade().authenticate();
    return client;
  }

  /// Its exit status, or 128 and the signal.
  int terminate() {
    ::kill(pid_, SIGTERM);
    int status = 0;
    eventually("it to end", [&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; });
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  std::filesystem::path folder_;
  std::string address_;
  pid_t pid_ = 0;
};

// A client that breaks rules, which is logged.
void make_lines(const Served& served, int lines) {
  for (int i = 0; i < lines; ++i) {
    TestClient client = served.client();
    client.send("[1]");
    client.write("\xff\xff");
    client.wait_for_close();
  }
}

TEST(StandardStreams, AReaderThatGoesDoesNotEndTheServer) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  Served served([&] {
    ::dup2(pipe[1], STDOUT_FILENO);
    ::dup2(pipe[1], STDERR_FILENO);
  });
  ::close(pipe[1]);
  char byte = 0;
  ASSERT_EQ(::read(pipe[0], &byte, 1), 1);  // as `head -1` does
  ::close(pipe[0]);
  make_lines(served, 5);
  EXPECT_EQ(served.terminate(), 0);
}

TEST(StandardStreams, ClosedOnesAreNotTakenForSockets) {
  Served served([] {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::close(fd);
  });
  // What it would write to them would break the clients' streams.
  TestClient first = served.client();
  TestClient second = served.client();
  TestClient third = served.client();
  make_lines(served, 5);
  first.round_trip();
  second.round_trip();
  third.round_trip();
  for (TestClient* client : {&first, &second, &third}) client->drop();  // that they are not waited for
  EXPECT_EQ(served.terminate(), 0);
}

TEST(StandardStreams, APipeThatNobodyReadsHoldsNothingUp) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const std::string filler(4096, '.');
  ::fcntl(pipe[1], F_SETFL, O_NONBLOCK);
  while (::write(pipe[1], filler.data(), filler.size()) > 0) {
  }
  ::fcntl(pipe[1], F_SETFL, 0);
  Served served([&] { ::dup2(pipe[1], STDERR_FILENO); });
  TestClient client = served.client();
  make_lines(served, 30);
  client.round_trip();
  client.drop();  // that it is not waited for
  EXPECT_EQ(served.terminate(), 0);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

}  // namespace
}  // namespace hearth::test
