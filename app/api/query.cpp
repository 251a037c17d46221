#include "api/query.hpp"

#include "api/answer.hpp"
#include "api/route.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>

namespace hearth::app {

namespace {

ApiProblem wrong(std::string_view name, const std::string& what) {
  return {422, "invalid_value", "the parameter " + std::string(name) + ' ' + what, {}};
}

bool has_word(std::string_view words, std::string_view word) {
  return !word.empty() && (' ' + std::string(words) + ' ').find(' ' + std::string(word) + ' ') != std::string::npos;
}

std::string listed(std::string_view words) {
  std::string all;
  for (const char c : words) all += c == ' ' ? ", " : std::string(1, c);
  return all;
}

std::string decoded_or_throw(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  auto plain = decoded(spaced);
  if (!plain) throw ApiProblem{422, "invalid_value", "the query has a % without two hexadecimal digits", {}};
  return *std::move(plain);
}

}  // namespace

ApiQuery::ApiQuery(std::string_view text, std::string_view known) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string name = decoded_or_throw(pair.substr(0, equals));
    if (!has_word(known, name)) {
      throw ApiProblem{422,
                       "unknown_parameter",
                       known.empty() ? "this route has no parameters"
                                     : "there is no parameter " + name + " here; there are " + listed(known),
                       {}};
    }
    const std::string value = decoded_or_throw(pair.substr(std::min(equals + 1, pair.size())));
    if (!values_.emplace(name, value).second) throw wrong(name, "is given twice");
  }
}

std::optional<std::string> ApiQuery::text(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::nullopt : std::optional<std::string>(found->second);
}

std::size_t ApiQuery::limit(std::size_t fallback, std::size_t most) const {
  const auto text = this->text("limit");
  if (!text) return fallback;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size() || number < 1 || number > most) {
    throw wrong("limit", "is no number from 1 to " + std::to_string(most));
  }
  return number;
}

std::optional<std::uint64_t> ApiQuery::number(std::string_view name) const {
  constexpr std::uint64_t kMost = (std::uint64_t{1} << 53) - 1;
  const auto text = this->text(name);
  if (!text) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size() || number > kMost) {
    throw wrong(name, "is no number from 0 to 2^53 - 1");
  }
  return number;
}

bool ApiQuery::is_for_cluster() const {
  const auto scope = text("scope");
  if (scope && *scope != "cluster") throw wrong("scope", "can be cluster alone");
  return scope.has_value();
}

}  // namespace hearth::app
