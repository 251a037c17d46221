#include "config/schema.hpp"
#include "config/sources.hpp"

#include <string>

namespace hearth::config {

namespace {

void add(Settings& settings, const Flags& flags, const Node& node, const std::string& path) {
  for (const Node& child : node.children) {
    const std::string at = path.empty() ? child.name : path + '.' + child.name;
    if (child.kind == Node::Kind::section) add(settings, flags, child, at);
    const auto given = child.flag.empty() ? flags.end() : flags.find(child.flag);
    if (given == flags.end()) continue;
    const Origin origin{Origin::Source::flag, child.flag};
    const bool is_list = child.shape == Shape::texts;
    settings.set(at, {is_list ? Value(given->second) : value_of(given->second.front(), child.shape), origin});
  }
}

}  // namespace

void add_flags(Settings& settings, const Flags& flags) { add(settings, flags, schema(), {}); }

}  // namespace hearth::config
