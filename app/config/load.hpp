#pragma once

#include "config/config.hpp"
#include "config/setting.hpp"
#include "config/sources.hpp"

#include <iosfwd>
#include <map>
#include <optional>
#include <string>

namespace hearth::config {

/// Where a configuration is looked for, beside a file.
struct Inputs {
  std::optional<std::string> file{};  ///< `--config`
  Flags flags{};
  Variables variables{};
  /// Without a file, clients may encrypt and hardly any limits hold; otherwise there has to be one.
  bool is_dev = false;
  /// No file is no problem: for commands that the defaults may do for.
  bool may_lack_file = false;
};

/// The process's own environment, by name.
Variables environment();

/// What was read: a configuration, where each of its values comes from, and all that is wrong.
struct Loaded {
  Config config{};
  std::map<std::string, Origin> origins{};  ///< by path; what is not in it is a default
  std::optional<std::string> file{};        ///< as it was found
  Problems problems{};                      ///< in the order of the file, then of the other sources

  /// No errors; there may be warnings.
  bool is_good() const noexcept;
  /// Where a value comes from.
  Origin origin_of(const std::string& path) const;
};

/// Finds and reads a configuration and checks it whole: the file at `--config`, else at HEARTH_CONFIG, else
/// ./hearth.toml, else /etc/hearth/hearth.toml; over it the environment, over that the flags.
Loaded read(const Inputs& inputs);
/// The same; what this version does not do yet is a problem.
Loaded load(const Inputs& inputs);

/// Writes all problems, one a line.
void print(std::ostream& out, const Problems& problems);

}  // namespace hearth::config
