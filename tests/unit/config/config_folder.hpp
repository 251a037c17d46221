#pragma once

#include "config/load.hpp"

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::config {

/// A folder of its own for a test's configuration and what that refers to.
class ConfigFolder {
 public:
  ConfigFolder();
  ~ConfigFolder();
  ConfigFolder(const ConfigFolder&) = delete;
  ConfigFolder& operator=(const ConfigFolder&) = delete;

  const Path& path() const { return path_; }
  /// Writes a file and returns its name.
  Path write(const std::string& name, std::string_view text, mode_t mode = 0600) const;

  /// Loads a hearth.toml with this text.
  Loaded load(std::string_view text, Variables variables = {}, Flags flags = {}) const;
  /// All that is wrong with it, with the names of files as seen from the folder.
  std::vector<std::string> problems(std::string_view text, Variables variables = {}, Flags flags = {}) const;
  std::vector<std::string> problems_of(const Loaded& loaded) const;

 private:
  Path path_;
};

}  // namespace hearth::config
