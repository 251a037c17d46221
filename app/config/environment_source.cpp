#include "config/schema.hpp"
#include "config/sources.hpp"
#include "config/suggestion.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace hearth::config {

namespace {

constexpr std::string_view kPrefix = "HEARTH_";
constexpr std::size_t kMostEntries = 1000;  // of a list; a number past it is a mistake

// What other commands read, and what Kubernetes puts there for a Service called `hearth`.
constexpr std::array<std::string_view, 6> kOthers{"HEARTH_CONFIG", "HEARTH_API",      "HEARTH_API_KEY",
                                                  "HEARTH_API_CA", "HEARTH_API_CERT", "HEARTH_REDIS"};
constexpr std::array<std::string_view, 2> kOfKubernetes{"HEARTH_SERVICE_", "HEARTH_PORT_"};

bool is_of_others(std::string_view variable) {
  const auto begins = [&](std::string_view prefix) { return variable.starts_with(prefix); };
  return std::find(kOthers.begin(), kOthers.end(), variable) != kOthers.end() || variable == "HEARTH_PORT" ||
         std::any_of(kOfKubernetes.begin(), kOfKubernetes.end(), begins);
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

/// What a variable stands for.
struct Meaning {
  std::string path;
  Shape shape = Shape::text;
  std::vector<std::pair<std::string, std::size_t>> entries{};  ///< of lists on the way: which, and the number
};

// `rest` is the variable from behind the name of `node` on.
std::optional<Meaning> find(const Node& node, std::string_view rest, const Meaning& so_far);

std::optional<Meaning> find_entry(const Node& list, std::string_view rest, Meaning meaning) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), index);
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  if (error != std::errc() || index >= kMostEntries || !rest.starts_with('_')) return std::nullopt;
  meaning.entries.emplace_back(meaning.path, index);
  meaning.path += '[' + std::to_string(index) + ']';
  return find(list, rest.substr(1), meaning);
}

std::optional<Meaning> find(const Node& node, std::string_view rest, const Meaning& so_far) {
  for (const Node& child : node.children) {
    const std::string name = upper(child.name);
    Meaning meaning = so_far;
    meaning.path += (meaning.path.empty() ? "" : ".") + child.name;
    if (child.kind == Node::Kind::key) {
      meaning.shape = child.shape;
      if (rest == name) return meaning;
      meaning.shape = Shape::text;
      meaning.path += "_file";
      if (child.secret && rest == name + "_FILE") return meaning;
    } else if (rest.starts_with(name + '_')) {
      const std::string_view below = rest.substr(name.size() + 1);
      auto found = child.kind == Node::Kind::section ? find(child, below, meaning) : find_entry(child, below, meaning);
      if (found) return found;
    }
  }
  return std::nullopt;
}

void add_names(const Node& node, const std::string& path, std::vector<std::string>& names) {
  for (const Node& child : node.children) {
    const std::string at = path + (path.empty() ? "" : ".") + child.name;
    if (child.kind == Node::Kind::key) names.push_back(variable_of(at));
    if (child.kind == Node::Kind::key && child.secret) names.push_back(variable_of(at + "_file"));
    add_names(child, child.kind == Node::Kind::list ? at + "[0]" : at, names);
  }
}

std::string unknown(const std::string& variable) {
  std::vector<std::string> names;
  add_names(schema(), {}, names);
  const auto near = nearest(variable, {names.begin(), names.end()});
  if (near) return "unknown variable; did you mean " + std::string(*near) + "?";
  return "unknown variable; `hearth config keys` shows the keys there are";
}

/// A list as JSON or with commas. What is neither stays a text.
Value list_of(std::string_view text) {
  std::vector<std::string> texts;
  if (text.starts_with('[')) {
    boost::system::error_code error;
    const boost::json::value json = boost::json::parse(boost::json::string_view(text.data(), text.size()), error);
    if (error || !json.is_array()) return Unfit{"no valid JSON"};
    for (const boost::json::value& each : json.get_array()) {
      if (!each.is_string()) return Unfit{"a list with something else than texts in it"};
      texts.emplace_back(each.get_string());
    }
    return texts;
  }
  while (!text.empty()) {
    std::string_view each = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), each.size() + 1));
    each.remove_prefix(std::min(each.size(), each.find_first_not_of(' ')));
    each = each.substr(0, each.find_last_not_of(' ') + 1);
    texts.emplace_back(each);
  }
  return texts;
}

std::string entry_of(const std::string& list, std::size_t index) { return list + '[' + std::to_string(index) + ']'; }

/// A variable that means something.
struct Known {
  Meaning meaning;
  Origin origin;
  std::string text;
};

// An entry before the variable's own that nobody has said anything of.
std::optional<std::string> gap_before(const Meaning& meaning, const std::set<std::string>& entries) {
  for (const auto& [list, index] : meaning.entries) {
    for (std::size_t before = 0; before < index; ++before) {
      if (entries.contains(entry_of(list, before))) continue;
      return "is for entry " + std::to_string(index) + " of " + without_numbers(list) + ", and there is no " +
             std::to_string(before) + "; entries count from 0";
    }
  }
  return std::nullopt;
}

std::vector<Known> known_among(const Variables& variables, Problems& problems) {
  std::vector<Known> known;
  for (const auto& [variable, text] : variables) {
    if (!variable.starts_with(kPrefix) || is_of_others(variable)) continue;
    Origin origin(Origin::Source::environment, variable);
    if (auto meaning = find(schema(), std::string_view(variable).substr(kPrefix.size()), {})) {
      known.push_back({std::move(*meaning), std::move(origin), text});
    } else {
      problems.push_back({std::move(origin), unknown(variable)});
    }
  }
  return known;
}

// Those of the file and those that variables begin.
std::set<std::string> entries_of(const Settings& settings, const std::vector<Known>& known) {
  std::set<std::string> entries;
  for (const Known& each : known) {
    for (const auto& [list, index] : each.meaning.entries) {
      entries.insert(entry_of(list, index));
      for (std::size_t i = 0; i < settings.entries(list); ++i) entries.insert(entry_of(list, i));
    }
  }
  return entries;
}

}  // namespace

std::string variable_of(std::string_view path) {
  std::string variable(kPrefix);
  for (const char c : path) {
    if (c == ']') continue;
    variable += c == '.' || c == '[' ? '_' : c;
  }
  return upper(variable);
}

Value value_of(std::string_view text, Shape shape) {
  switch (shape) {
    case Shape::boolean:
      if (text == "true") return true;
      if (text == "false") return false;
      return std::string(text);
    case Shape::number: {
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error == std::errc() && end == text.data() + text.size()) return number;
      return std::string(text);
    }
    case Shape::text:
      return std::string(text);
    case Shape::texts:
      return list_of(text);
    case Shape::text_or_texts:
      return text.starts_with('[') ? list_of(text) : Value(std::string(text));
  }
  return std::string(text);
}

void add_environment(Settings& settings, Problems& problems, const Variables& variables) {
  const std::vector<Known> known = known_among(variables, problems);
  const std::set<std::string> entries = entries_of(settings, known);
  for (const Known& each : known) {
    if (auto gap = gap_before(each.meaning, entries)) {
      problems.push_back({each.origin, std::move(*gap)});
      continue;
    }
    for (const auto& [list, index] : each.meaning.entries) {
      settings.add_entry(list, index);
      const std::string entry = entry_of(list, index);
      if (settings.find(entry) == nullptr) settings.set(entry, {Unfit{}, each.origin});
    }
    settings.set(each.meaning.path, {value_of(each.text, each.meaning.shape), each.origin});
  }
}

}  // namespace hearth::config
