#include "websocket/extensions.hpp"

#include <algorithm>
#include <cstddef>

namespace hearth::websocket {
namespace {

/// RFC 7230, 3.2.6.
constexpr bool is_token_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

/// Reads from the front of a header's value. What is read skips the white space before it.
class Scanner {
 public:
  explicit Scanner(std::string_view text) noexcept : rest_(text) {}

  bool at_end() noexcept {
    skip_space();
    return rest_.empty();
  }

  bool skip(char wanted) noexcept {
    skip_space();
    if (rest_.empty() || rest_.front() != wanted) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  /// Empty if there is no token.
  std::string token() {
    skip_space();
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_token_char);
    const auto length = static_cast<std::size_t>(end - rest_.begin());
    std::string result(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return result;
  }

  /// A token, or a quoted string which has to hold a token (RFC 6455, 9.1). Empty if there is neither.
  std::string value() {
    if (!skip('"')) {
      return token();
    }
    std::string result;
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\') {
        rest_.remove_prefix(1);
      }
      if (rest_.empty() || !is_token_char(rest_.front())) {
        return {};
      }
      result += rest_.front();
      rest_.remove_prefix(1);
    }
    if (rest_.empty()) {
      return {};
    }
    rest_.remove_prefix(1);
    return result;
  }

 private:
  void skip_space() noexcept { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

  std::string_view rest_;
};

std::optional<Extension> parse_extension(Scanner& scanner) {
  Extension extension;
  extension.name = scanner.token();
  if (extension.name.empty()) {
    return std::nullopt;
  }
  while (scanner.skip(';')) {
    Extension::Parameter parameter;
    parameter.name = scanner.token();
    if (parameter.name.empty()) {
      return std::nullopt;
    }
    if (scanner.skip('=')) {
      parameter.value = scanner.value();
      if (parameter.value->empty()) {
        return std::nullopt;
      }
    }
    extension.parameters.push_back(std::move(parameter));
  }
  return extension;
}

}  // namespace

std::optional<std::vector<Extension>> parse_extensions(std::string_view header) {
  std::vector<Extension> extensions;
  Scanner scanner(header);
  while (!scanner.at_end()) {
    if (scanner.skip(',')) {
      continue;  // lists may have empty elements (RFC 7230, 7)
    }
    std::optional<Extension> extension = parse_extension(scanner);
    if (!extension || !(scanner.at_end() || scanner.skip(','))) {
      return std::nullopt;
    }
    extensions.push_back(std::move(*extension));
  }
  return extensions;
}

}  // namespace hearth::websocket
