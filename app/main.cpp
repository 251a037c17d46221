#include "commands/commands.hpp"
#include "process/standard_streams.hpp"

#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <system_error>

namespace {

int run(int argc, char** argv) {
  hearth::app::CommandList commands;
  hearth::app::add_serve(commands);
  hearth::app::add_config(commands);
  hearth::app::add_token(commands);
  hearth::app::add_rules(commands);
  hearth::app::add_publish(commands);
  hearth::app::add_control(commands);
  hearth::app::add_health(commands);
  hearth::app::add_reload(commands);
  hearth::app::add_top(commands);
  hearth::app::add_emit(commands);
  hearth::app::add_bench(commands);
  return commands.run(argc, argv);
}

std::string reason(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return "there is not enough memory";
  const auto* of_system = dynamic_cast<const std::system_error*>(&error);
  if (of_system != nullptr && of_system->code() == std::errc::resource_unavailable_try_again) {
    return "a thread could not be started, for want of memory or of processes allowed (ulimit -v, ulimit -u); fewer "
           "threads need less";
  }
  std::string what = error.what();
  if (what.find("cannot listen on ") == std::string::npos) return what;
  return what + "; server.listen (--listen) and api.listen (HEARTH_API_LISTEN) say where";
}

}  // namespace

int main(int argc, char** argv) {
  hearth::app::secure_standard_streams();
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    const std::string why = reason(error);
    std::cerr << (why.starts_with("hearth: ") ? "" : "hearth: ") << why << '\n';  // the library's own begin so
    return 1;
  }
}
