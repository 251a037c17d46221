#include "support/command.hpp"

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace hearth::test {

std::string command_path() {
  if (const char* path = std::getenv("TEST_COMMAND")) return path;
  return std::filesystem::canonical("/proc/self/exe").parent_path().parent_path() / "app" / "hearth";
}

CommandEnd run_line(const std::string& line) {
  FILE* pipe = ::popen((line + " 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen");
  CommandEnd end{};
  for (int c = 0; (c = std::fgetc(pipe)) != EOF;) end.output += static_cast<char>(c);
  const int status = ::pclose(pipe);
  end.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return end;
}

CommandEnd run_command(const std::string& arguments, const std::string& before) {
  return run_line(before + ' ' + command_path() + ' ' + arguments);
}

}  // namespace hearth::test
