#include "commands/config_flags.hpp"

#include "config/schema.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <vector>

namespace hearth::app {

namespace {

// As the help of other flags begins.
std::string capitalised(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text;
}

// A default without the marks of TOML.
std::string plain(const std::string& toml) {
  std::string text;
  std::copy_if(toml.begin(), toml.end(), std::back_inserter(text),
               [](char c) { return std::string_view("[]\"").find(c) == std::string_view::npos; });
  return text;
}

// What was given is looked at with the rest of the configuration, so that all problems are told at once.
void add_flag(CLI::App& command, const config::Node& key, config::Flags& flags) {
  const std::string about = capitalised(key.about);
  if (key.shape == config::Shape::boolean) {
    const auto note = [&flags, flag = key.flag](std::int64_t count) { flags[flag] = {count > 0 ? "true" : "false"}; };
    const bool is_on = key.fallback == "true";
    command.add_flag_function(key.flag, note, is_on ? about + "; " + key.flag + "=false: not" : about);
    return;
  }
  const auto note = [&flags, flag = key.flag](const std::vector<std::string>& values) { flags[flag] = values; };
  auto* option = command.add_option_function<std::vector<std::string>>(key.flag, note, about);
  option->type_name(key.shape == config::Shape::number ? "NUMBER" : "TEXT")->default_str(plain(key.fallback));
  if (key.shape == config::Shape::texts) {
    option->description(about + "; may be repeated")->allow_extra_args(false);
    return;
  }
  option->expected(1);
  if (key.type.starts_with('"')) option->description(about + ": " + plain(key.type));
}

void add_flags_of(CLI::App& command, const config::Node& node, config::Flags& flags) {
  for (const config::Node& child : node.children) {
    if (!child.flag.empty()) add_flag(command, child, flags);
    add_flags_of(command, child, flags);
  }
}

}  // namespace

void add_config_flag(CLI::App& command, std::optional<std::string>& file) {
  command.add_option("--config", file,
                     "File with the configuration; otherwise that of HEARTH_CONFIG, ./hearth.toml, or "
                     "/etc/hearth/hearth.toml");
}

void add_key_flags(CLI::App& command, config::Flags& flags) { add_flags_of(command, config::schema(), flags); }

}  // namespace hearth::app
