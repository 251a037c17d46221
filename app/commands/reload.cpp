#include "commands/commands.hpp"
#include "commands/server_call.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::app {

namespace {

struct ReloadArguments {
  ServerFlags server{};
};

std::vector<std::string> texts_of(const std::string& body, std::string_view member) {
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(body, error);
  const auto* object = error ? nullptr : value.if_object();
  const auto* list = object == nullptr ? nullptr : object->if_contains(member);
  std::vector<std::string> texts;
  if (list == nullptr || !list->is_array()) return texts;
  for (const auto& element : list->get_array()) {
    if (element.is_string()) texts.emplace_back(element.get_string());
  }
  return texts;
}

int run_reload(const ReloadArguments& arguments) {
  return run_against_server("reload", [&] {
    const ApiReply reply = find_server(arguments.server, {"control"}).ask("POST", "/api/reload");
    for (const std::string& problem : texts_of(reply.body, "problems")) std::cerr << problem << '\n';
    const int code = exit_code_of("reload", reply);
    if (code != 0) return code;
    const auto changed = texts_of(reply.body, "changed");
    std::cout << (changed.empty() ? "reloaded; nothing has changed\n" : "reloaded; changed:\n");
    for (const std::string& key : changed) std::cout << "  " << key << '\n';
    return 0;
  });
}

void describe(CLI::App& reload, ReloadArguments& arguments) {
  add_server_flags(reload, arguments.server);
  reload.footer(R"(Nothing changes unless all of it can.
Exit code: 0 if the configuration holds, 1 if the server could not be asked, 2 if the configuration is wrong.)");
}

}  // namespace

void add_reload(CommandList& commands) {
  commands.add<ReloadArguments>("reload", "Have a running server read its configuration anew", describe, run_reload);
}

}  // namespace hearth::app
