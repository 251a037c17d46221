#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::app {

/// What stands behind the `?` of a request, decoded. Functions throw ApiProblem for what is wrong.
class ApiQuery {
 public:
  /// Nothing.
  ApiQuery() = default;
  /// 422 if there is a parameter other than those that `known` has, with spaces between, or one twice.
  ApiQuery(std::string_view text, std::string_view known);

  std::optional<std::string> text(std::string_view name) const;
  /// The same; empty if it is not given.
  std::string text_or_empty(std::string_view name) const { return text(name).value_or(std::string()); }
  /// `limit`, from 1 to `most`.
  std::size_t limit(std::size_t fallback, std::size_t most) const;
  /// A number from 0 to 2^53 - 1, if it is given.
  std::optional<std::uint64_t> number(std::string_view name) const;
  /// Whether all instances are asked.
  bool is_for_cluster() const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace hearth::app
