#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hearth::config {

/// What stands where something else should, in words: `a date`.
struct Unfit {
  std::string what;
};

/// A value as it was written, before it is known to be what its key takes.
using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>, Unfit>;

/// Where a value comes from. Those that come later in the order win.
struct Origin {
  enum class Source : std::uint8_t { fallback, file, environment, flag };

  Origin() = default;
  Origin(Source from, std::string named, unsigned at_line = 0, unsigned at_column = 0)
      : source(from), name(std::move(named)), line(at_line), column(at_column) {}

  Source source = Source::fallback;
  std::string name{"default"};  ///< of the file, the variable or the flag
  unsigned line = 0;            ///< in the file, from 1; 0: the file as a whole
  unsigned column = 0;          ///< from 1

  /// `hearth.toml:14:3`, `HEARTH_SERVER_PATH`, `--path`, `default`.
  std::string str() const;
  auto operator<=>(const Origin&) const = default;
};

struct Setting {
  Value value;
  Origin origin;
};

/// What the file, the environment and the flags say, by the path of the key: `server.listen`, `auth.jwt[0].secret`.
/// Sections and entries of lists are there too, without a value that means anything, for where they begin.
class Settings {
 public:
  /// Replaces what a source before this one has said.
  void set(const std::string& path, Setting setting) { settings_[path] = std::move(setting); }
  const Setting* find(const std::string& path) const {
    const auto found = settings_.find(path);
    return found != settings_.end() ? &found->second : nullptr;
  }
  /// Where something begins, for those who complain of what is not in it: of itself, or else of what it is in.
  Origin place_of(std::string path) const;

  /// Notes that a list has an entry of this number.
  void add_entry(const std::string& list, std::size_t index) {
    std::size_t& count = entries_[list];
    if (count <= index) count = index + 1;
  }
  std::size_t entries(const std::string& list) const {
    const auto found = entries_.find(list);
    return found != entries_.end() ? found->second : 0;
  }

 private:
  std::map<std::string, Setting> settings_;
  std::map<std::string, std::size_t> entries_;
};

/// Something wrong, or worth a warning.
struct Problem {
  Origin origin;
  std::string what;
  bool is_warning = false;

  /// `hearth.toml:14:3: unknown key auth.jwt.algoritms; did you mean algorithms?`
  std::string str() const { return origin.str() + ": " + (is_warning ? "warning: " : "") + what; }
};

using Problems = std::vector<Problem>;

/// A path as people write it, without the numbers of entries: `auth.jwt.secret`.
std::string without_numbers(std::string_view path);

}  // namespace hearth::config
