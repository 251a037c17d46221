#include "config/schema.hpp"
#include "config/sources.hpp"
#include "config/suggestion.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::config {

namespace {

/// Goes through a file's tables beside the table of keys.
class FileReader {
 public:
  FileReader(Settings& settings, Problems& problems, const std::string& name)
      : settings_(settings), problems_(problems), name_(name) {}

  void read(const toml::table& table, const Node& node, const std::string& path) {
    for (const auto& [key, value] : table) {
      const std::string_view name = key.str();
      if (const Node* child = node.find(name)) {
        read_child(value, *child, path.empty() ? std::string(name) : path + '.' + std::string(name));
      } else if (is_file_of_secret(node, name)) {
        set(path + '.' + std::string(name), value);
      } else {
        complain(key.source(), unknown(value, node, path, name));
      }
    }
  }
  void complain(const toml::source_region& place, std::string what) {
    problems_.push_back({origin(place), std::move(what)});
  }

 private:
  Origin origin(const toml::source_region& place) const {
    return {Origin::Source::file, name_, place.begin.line, place.begin.column};
  }

  // `key_file`, where there is a secret `key`.
  static bool is_file_of_secret(const Node& node, std::string_view name) {
    constexpr std::string_view kFile = "_file";
    if (!name.ends_with(kFile)) return false;
    const Node* plain = node.find(name.substr(0, name.size() - kFile.size()));
    return plain != nullptr && plain->secret;
  }

  void read_child(const toml::node& value, const Node& node, const std::string& path) {
    switch (node.kind) {
      case Node::Kind::section:
        return read_section(value, node, path);
      case Node::Kind::list:
        return read_list(value, node, path);
      case Node::Kind::key:
        return set(path, value);
    }
  }

  void read_section(const toml::node& value, const Node& node, const std::string& path) {
    settings_.set(path, {Unfit{}, origin(value.source())});
    if (const auto* table = value.as_table()) return read(*table, node, path);
    complain(value.source(), without_numbers(path) + (value.is_array_of_tables()
                                                          ? " is there once; write [" + without_numbers(path) + "]"
                                                          : " is a section; write [" + without_numbers(path) + "]"));
  }

  void read_list(const toml::node& value, const Node& node, const std::string& path) {
    const auto* list = value.as_array();
    if (list == nullptr) {
      return complain(value.source(),
                      without_numbers(path) + " is a list; write [[" + without_numbers(path) + "]], also for one");
    }
    settings_.set(path, {Unfit{}, origin(value.source())});
    for (std::size_t i = 0; i < list->size(); ++i) {
      const toml::node& entry = *list->get(i);
      const std::string at = path + '[' + std::to_string(i) + ']';
      settings_.add_entry(path, i);
      settings_.set(at, {Unfit{}, origin(entry.source())});
      if (const auto* table = entry.as_table()) {
        read(*table, node, at);
      } else {
        complain(entry.source(),
                 without_numbers(path) + " is a list of tables; write [[" + without_numbers(path) + "]] before each");
      }
    }
  }

  void set(const std::string& path, const toml::node& value) {
    settings_.set(path, {value_of_node(value), origin(value.source())});
  }

  static Value value_of_node(const toml::node& node) {
    if (const auto* yes = node.as_boolean()) return yes->get();
    if (const auto* number = node.as_integer()) return number->get();
    if (const auto* number = node.as_floating_point()) return number->get();
    if (const auto* text = node.as_string()) return text->get();
    const auto* list = node.as_array();
    if (list == nullptr) return Unfit{node.is_table() ? "a table" : "a date or a time"};
    std::vector<std::string> texts;
    for (const toml::node& each : *list) {
      const auto* text = each.as_string();
      if (text == nullptr) return Unfit{"a list with something else than texts in it"};
      texts.push_back(text->get());
    }
    return texts;
  }

  std::string unknown(const toml::node& value, const Node& node, const std::string& path, std::string_view name) const {
    const std::string full = path.empty() ? std::string(name) : without_numbers(path) + '.' + std::string(name);
    std::vector<std::string_view> names;
    for (const Node& child : node.children) names.emplace_back(child.name);
    const bool is_section = value.is_table() || value.is_array_of_tables();
    std::string what = (is_section ? "unknown section " : "unknown key ") + full;
    if (const auto near = nearest(name, names)) return what + "; did you mean " + std::string(*near) + "?";
    if (const auto elsewhere = path_of(schema(), name, {})) return what + "; did you mean " + *elsewhere + "?";
    return what + "; `hearth config keys` shows the keys there are";
  }

  // Of a key of this name, wherever it stands.
  static std::optional<std::string> path_of(const Node& node, std::string_view name, const std::string& path) {
    for (const Node& child : node.children) {
      const std::string at = path.empty() ? child.name : path + '.' + child.name;
      if (child.kind == Node::Kind::key && child.name == name) return at;
      if (auto below = path_of(child, name, at)) return below;
    }
    return std::nullopt;
  }

  Settings& settings_;
  Problems& problems_;
  const std::string& name_;
};

// What the parser's words mean to somebody who writes TOML for the first time.
std::string hint_for(std::string_view complaint) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kHints{
      {{"could not determine value type", "a text stands in quotation marks"},
       {"string: unescaped control characters", "the quotation mark at the end of a text is missing"},
       {"cannot redefine existing table", "a [section] stands there once, with all of its keys below it"},
       {"cannot redefine", "a key stands there once"},
       {"expected '='", "a line is `key = value`, below a [section]"},
       {"expected keys, tables", "a line is `key = value`, below a [section]"}}};
  const auto hint = std::find_if(kHints.begin(), kHints.end(), [&](const auto& known) {
    return complaint.find(known.first) != std::string_view::npos;
  });
  return hint != kHints.end() ? "; " + std::string(hint->second) : std::string();
}

std::string no_toml(std::string_view complaint) {
  constexpr std::string_view kBegin = "Error while parsing ";
  std::string what = "this is no TOML";
  if (complaint.starts_with(kBegin)) {
    complaint.remove_prefix(kBegin.size());
    what += ", in a ";
  } else {
    what += ": ";
  }
  return what + std::string(complaint) + hint_for(complaint);
}

}  // namespace

void add_file(Settings& settings, Problems& problems, std::string_view text, const std::string& name) {
  FileReader reader(settings, problems, name);
  settings.set("", {Unfit{}, {Origin::Source::file, name}});
  try {
    reader.read(toml::parse(text), schema(), {});
  } catch (const toml::parse_error& error) {
    reader.complain(error.source(), no_toml(error.description()));
  }
}

}  // namespace hearth::config
