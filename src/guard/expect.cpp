#include "guard/expect.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace hearth {

namespace {

/// From the project's root on; where it was compiled concerns nobody.
std::string_view in_project(std::string_view file) noexcept {
  for (const std::string_view folder : {"/src/", "/app/", "/tests/"}) {
    if (const auto at = file.rfind(folder); at != std::string_view::npos) return file.substr(at + 1);
  }
  return file;
}

}  // namespace

void not_met(boost::source_location where) noexcept {
  const std::string_view file = in_project(where.file_name());
  std::array<char, 1024> text;
  const int length = std::snprintf(text.data(), text.size(), "hearth: a mistake of its own, found at %.*s:%u in %s\n",
                                   static_cast<int>(file.size()), file.data(), static_cast<unsigned>(where.line()),
                                   where.function_name());
  // Past every buffer and lock: who knows in what state these are.
  [[maybe_unused]] const auto written =
      ::write(STDERR_FILENO, text.data(), std::min(static_cast<std::size_t>(std::max(length, 0)), text.size()));
  std::abort();
}

}  // namespace hearth
