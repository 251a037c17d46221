#include "commands/commands.hpp"
#include "commands/server_call.hpp"

#include <iostream>

namespace hearth::app {

namespace {

struct HealthArguments {
  ServerFlags server{};
  bool is_ready = false;
};

int run_health(const HealthArguments& arguments) {
  return run_against_server("health", [&] {
    const ApiClient server = find_server(arguments.server, {});
    const ApiReply reply = server.ask("GET", arguments.is_ready ? "/readyz" : "/healthz");
    std::cout << reply.body << '\n';
    return reply.status == 200 ? 0 : 1;
  });
}

void describe(CLI::App& health, HealthArguments& arguments) {
  health.add_flag("--ready", arguments.is_ready, "Ask whether it should be sent clients, and not whether it works");
  add_server_flags(health, arguments.server);
  health.footer(R"(It needs no key, and no program but itself: in a container, HEALTHCHECK CMD ["hearth","health"].
Exit code: 0 if the server is well, 1 if not or nobody answers, 2 if the arguments or the configuration are wrong.)");
}

}  // namespace

void add_health(CommandList& commands) {
  commands.add<HealthArguments>("health", "Ask a running server how it is", describe, run_health);
}

}  // namespace hearth::app
