#include "commands/complaint.hpp"

#include "config/suggestion.hpp"

#include <algorithm>
#include <vector>

namespace hearth::app {

namespace {

using Words = std::vector<std::string>;

/// The command that the words lead to: the last that was named, `app` itself if none was.
const CLI::App& command_of(const CLI::App& app) {
  const CLI::App* command = &app;
  for (auto named = command->get_subcommands(); !named.empty(); named = command->get_subcommands()) {
    command = named.front();
  }
  return *command;
}

std::string whole_name(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return (parent != nullptr ? whole_name(*parent) + ' ' : std::string()) + command.get_name();
}

Words flags_of(const CLI::App& command) {
  Words flags;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  return flags;
}

Words commands_below(const CLI::App& command) {
  Words names;
  for (const CLI::App* below : command.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(below->get_name());
  }
  return names;
}

std::string with_suggestion(const std::string& what, const std::string& word, const Words& known) {
  const auto near = config::nearest(word, {known.begin(), known.end()});
  return near ? what + "; did you mean " + std::string(*near) + '?' : what;
}

/// Of the words that nothing takes.
std::string unexpected(const CLI::App& command, const Words& words) {
  const auto flag = std::find_if(words.begin(), words.end(), [](const auto& word) { return word.starts_with('-'); });
  if (flag != words.end()) {
    const std::string name = flag->substr(0, flag->find('='));
    return with_suggestion("there is no flag " + name, name, flags_of(command));
  }
  const Words commands = commands_below(command);
  if (commands.empty()) return "`" + words.front() + "` is a word too many";
  return with_suggestion("there is no command `" + words.front() + '`', words.front(), commands);
}

std::string listed(const Words& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

std::string what_is_wrong(const CLI::App& app, const CLI::App& command, const CLI::ParseError& error) {
  const Words words = app.remaining(true);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !words.empty()) return unexpected(command, words);
  const bool is_group = command.get_require_subcommand_min() > 0;
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && is_group) {
    return words.empty() ? "give one of " + listed(commands_below(command)) : unexpected(command, words);
  }
  return error.what();
}

}  // namespace

std::string complaint_of(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = command_of(app);
  const std::string name = whole_name(command);
  return name + ": " + what_is_wrong(app, command, error) + "\n`" + name + " --help` says what there is";
}

}  // namespace hearth::app
