#include "serve/serve.hpp"

#include "commands/commands.hpp"
#include "commands/config_flags.hpp"

#include <CLI/App.hpp>

namespace hearth::app {

namespace {

void describe(CLI::App& serve, ServeArguments& arguments) {
  serve.add_flag("--dev", arguments.dev,
                 "Development mode: accept every client, allow every room, let members publish, serve the playground");
  serve
      .add_option("--history", arguments.history,
                  "In development mode without [[rooms]]: every room keeps so many publications, and for how long")
      ->type_name("SIZE[,TIME]");
  serve
      .add_option("--presence", arguments.presence,
                  "In development mode without [[rooms]]: members of every room are told who is in it, or how many")
      ->type_name("members|count");
  add_config_flag(serve, arguments.config);
  add_key_flags(serve, arguments.flags);
  serve
      .add_option("--allow-origin", arguments.allow_origins,
                  "A web page that may connect besides those of this host and of this machine; may be repeated")
      ->allow_extra_args(false);
  serve.footer(R"(Examples:
  hearth serve --dev
      listens on 127.0.0.1:8080 and shows the playground at http://127.0.0.1:8080/
  hearth serve --dev --listen '[::1]:9000' --listen unix:/tmp/hearth.sock --threads 2
      listens on two addresses, with two threads
  hearth serve --dev --history 1000,10m
      rooms keep their last 1000 publications for 10 minutes; who comes back gets what was missed
  hearth serve --dev --presence members
      rooms tell who is in them, as the playground then shows
  hearth serve --dev --path /realtime --log-level debug
      takes WebSocket connections at /realtime and says more
  hearth serve --dev --listen 127.0.0.1:8081 --redis redis://127.0.0.1:6379
      one of several servers whose clients reach each other)");
}

}  // namespace

void add_serve(CommandList& commands) { commands.add<ServeArguments>("serve", "Run a server", describe, serve); }

}  // namespace hearth::app
