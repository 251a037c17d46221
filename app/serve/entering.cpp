#include "serve/entering.hpp"

#include "backend/name_choice.hpp"
#include "backend/trace.hpp"
#include "serve/course.hpp"

#include <chrono>
#include <csignal>
#include <exception>
#include <string>
#include <thread>
#include <utility>

namespace hearth::app {

namespace {

bool stands_in_list(const config::Config& config) {
  return config.events.to && config.broker.url && !config.broker.is_redis_cluster();
}

// Instances say that they live three times and more within what is waited for.
void enter_list(const config::Config& config, Entered& entered) {
  constexpr std::chrono::milliseconds kPause{100};
  entered.list->wait_until_ready(
      [] { say_error("hearth: waiting for Redis (broker.url), where the list is of the instances that tell events"); });
  NameChoice names(config.server.name, config.events.lost_after / 3);
  for (;;) {
    const NodeLook look = entered.list->look();
    if (const auto choice = names.choose(look, std::chrono::steady_clock::now())) {
      entered.node.name = choice->name;
      if (entered.list->enter(entered.node, choice->dead)) return;
    } else {
      std::this_thread::sleep_for(kPause);
    }
  }
}

// 0: the thread has woken it.
int wait_for_end(const ShutdownSignals& signals) {
  int signal = signals.wait();
  while (signal == SIGHUP) {
    say_error("hearth: SIGHUP: it is still starting; the signal is ignored");
    signal = signals.wait();
  }
  return signal;
}

}  // namespace

std::optional<Entered> enter(const config::Config& config, const ShutdownSignals& signals) {
  Entered entered{{random_hex(16), config.server.name}, nullptr};
  if (!stands_in_list(config)) return entered;
  entered.list = std::make_unique<NodeRegister>(*config.broker.url);
  std::exception_ptr failure;
  std::thread entering([&] {
    try {
      enter_list(config, entered);
    } catch (...) {
      failure = std::current_exception();
    }
    signals.wake();
  });
  const int signal = wait_for_end(signals);
  if (signal != 0) {
    entered.list->leave(entered.node.id);
    entered.list->shutdown();
  }
  entering.join();
  if (signal != 0) return std::nullopt;
  if (failure) std::rethrow_exception(failure);
  return entered;
}

}  // namespace hearth::app
