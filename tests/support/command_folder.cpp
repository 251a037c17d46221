#include "support/command_folder.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace hearth::test {

CommandFolder::CommandFolder() {
  std::string name = std::filesystem::temp_directory_path() / "hearth-command-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = name;
}

CommandFolder::~CommandFolder() { std::filesystem::remove_all(path_); }

CommandEnd CommandFolder::run(const std::string& arguments, const std::string& variables) const {
  return run_command(arguments, "cd " + path_.string() + "; " + variables);
}

void CommandFolder::write(const std::string& text, const std::string& name) const {
  std::ofstream(path_ / name) << text;
  ::chmod((path_ / name).c_str(), 0600);
}

std::string CommandFolder::read(const std::string& name) const {
  std::ostringstream text;
  text << std::ifstream(path_ / name).rdbuf();
  return text.str();
}

std::unique_ptr<ChildProcess> CommandFolder::serve(const std::string& arguments, const std::string& variables) const {
  const std::string line = "cd " + path_.string() + "; export HEARTH_API_LISTEN=127.0.0.1:0 " + variables + "; exec " +
                           command_path() + " serve " + arguments + " 2>&1";
  return std::make_unique<ChildProcess>(std::vector<std::string>{"/bin/sh", "-c", line});
}

std::vector<std::string> start_lines(ChildProcess& server) {
  std::vector<std::string> lines{server.read_line()};
  while (!lines.back().starts_with("listening on ")) lines.push_back(server.read_line());
  return lines;
}

std::string address_of(ChildProcess& server) {
  return start_lines(server).back().substr(std::string_view("listening on ").size());
}

std::string api_address_of(ChildProcess& server) {
  constexpr std::string_view kBegin = "API on ";
  std::string line = server.read_line();
  while (!line.starts_with(kBegin)) line = server.read_line();
  return line.substr(kBegin.size());
}

}  // namespace hearth::test
