#pragma once

#include "support/child_process.hpp"
#include "support/command.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace hearth::test {

/// A folder of its own, in which the command runs.
class CommandFolder {
 public:
  CommandFolder();
  ~CommandFolder();
  CommandFolder(const CommandFolder&) = delete;
  CommandFolder& operator=(const CommandFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Runs the command to its end; `variables` stand before it, with a space at the end.
  CommandEnd run(const std::string& arguments, const std::string& variables = {}) const;
  /// Writes a file that its owner alone may read.
  void write(const std::string& text, const std::string& name = "hearth.toml") const;
  std::string read(const std::string& name = "hearth.toml") const;
  /// Runs `hearth serve` with standard error among its lines, and its API on a free port; `variables` are
  /// `NAME=value`s.
  std::unique_ptr<ChildProcess> serve(const std::string& arguments = {}, const std::string& variables = {}) const;

 private:
  std::filesystem::path path_;
};

/// The lines of a server up to that with the address.
std::vector<std::string> start_lines(ChildProcess& server);
/// The address that it listens on.
std::string address_of(ChildProcess& server);
/// The next lines up to that with the address of its API, which is returned.
std::string api_address_of(ChildProcess& server);

}  // namespace hearth::test
