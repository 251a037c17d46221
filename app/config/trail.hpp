#pragma once

#include "config/setting.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::config {

/// Path and names of where a visitor of the table is.
class Trail {
 public:
  void enter(std::string_view name) { parts_.emplace_back(name); }
  void enter(std::string_view name, std::size_t index) {
    parts_.push_back(std::string(name) + '[' + std::to_string(index) + ']');
  }
  void leave() { parts_.pop_back(); }
  std::string path_of(std::string_view name) const {
    std::string path;
    for (const std::string& part : parts_) path += part + '.';
    return path + std::string(name);
  }
  /// Of the section that it is in.
  std::string name() const {
    std::string path = path_of({});
    path.pop_back();
    return without_numbers(path);
  }

 private:
  std::vector<std::string> parts_;
};

}  // namespace hearth::config
