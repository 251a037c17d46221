#include "support/child_process.hpp"

#include "support/socket.hpp"

#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>

namespace hearth::test {

ChildProcess::ChildProcess(const std::vector<std::string>& command) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  output_ = net::FileDescriptor(ends[0]);
  const net::FileDescriptor written(ends[1]);

  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, written.get(), STDOUT_FILENO);
  const int error = ::posix_spawn(&pid_, arguments.front(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), "cannot start " + command.front());
  runs_ = true;
}

ChildProcess::~ChildProcess() {
  if (!runs_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::string ChildProcess::read_line() {
  const Deadline deadline;
  std::size_t end = 0;
  while ((end = read_.find('\n')) == std::string::npos) {
    if (!read_some(output_.get(), read_, deadline)) {
      throw std::runtime_error("the program ended without another line of output");
    }
  }
  const std::string line = read_.substr(0, end);
  read_.erase(0, end + 1);
  return line;
}

int ChildProcess::terminate() {
  ::kill(pid_, SIGTERM);
  int status = 0;
  eventually("the program to end", [&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; });
  runs_ = false;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace hearth::test
