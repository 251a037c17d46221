#include "support/forked.hpp"

#include "support/patience.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <exception>
#include <system_error>

namespace hearth::test {

Forked::Forked(const std::function<void()>& part) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  pid_ = ::fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ > 0) {
    ::close(ends[1]);
    problems_ = ends[0];
    return;
  }
  ::close(ends[0]);
  std::string problem;
  try {
    part();
  } catch (const std::exception& error) {
    problem = error.what();
  }
  [[maybe_unused]] const auto written = ::write(ends[1], problem.data(), problem.size());
  ::_exit(problem.empty() ? 0 : 1);
}

Forked::~Forked() {
  if (!ended_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(problems_);
}

bool Forked::ended() {
  siginfo_t state{};
  return ended_ ||
         (::waitid(P_PID, static_cast<id_t>(pid_), &state, WEXITED | WNOHANG | WNOWAIT) == 0 && state.si_pid == pid_);
}

std::string Forked::wait() {
  std::string problem;
  std::array<char, 4096> buffer;
  for (ssize_t got = 0; (got = ::read(problems_, buffer.data(), buffer.size())) > 0;) {
    problem.append(buffer.data(), static_cast<std::size_t>(got));
  }
  int status = 0;
  ::waitpid(pid_, &status, 0);
  ended_ = true;
  if (status != 0 && problem.empty()) problem = "the forked part ended with status " + std::to_string(status);
  return problem;
}

void* shared_memory(std::size_t size) {
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  return memory;
}

}  // namespace hearth::test
