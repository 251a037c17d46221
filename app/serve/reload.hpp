#pragma once

#include "api/listener.hpp"
#include "api/reload_outcome.hpp"
#include "backend/backend_thread.hpp"
#include "config/load.hpp"
#include "hearth/server.hpp"
#include "serve/access.hpp"
#include "serve/certificate_watch.hpp"
#include "serve/current_access.hpp"
#include "serve/serve.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hearth::app {

/// Everything that is wrong with a configuration for `hearth serve`: what config::load has found, and what the command
/// line adds.
config::Loaded load_for(const ServeArguments& arguments);

/// Puts another configuration in the place of the one that runs, whole or not at all. Any thread; one at a time.
class Reload {
 public:
  /// What is changed by one. All have to outlive this.
  struct Parts {
    Server& server;
    CurrentAccess& access;
    ApiListener& api;
    CertificateWatch& certificates;
    BackendThread& backend;
    Access::Say say;
    AccessCounts& counts;
    std::vector<std::string> put;  ///< rooms that the server puts everybody in
  };

  /// `loaded`: what the server has been started with.
  Reload(ServeArguments arguments, config::Loaded loaded);

  /// Before any `run`.
  void attach(Parts parts) { parts_ = std::make_unique<Parts>(std::move(parts)); }
  /// Reads the configuration where the command line says it is, and changes what it says; a line of the log says how it
  /// went.
  ReloadOutcome run();

  /// What holds now.
  std::shared_ptr<const config::Loaded> loaded() const;
  ReloadFigures figures() const;

 private:
  ReloadOutcome attempt();
  /// Of another configuration, what cannot come about while the server runs.
  std::vector<std::string> obstacles(const config::Config& fresh) const;
  void change_server(const config::Config& fresh);
  void note(bool was_successful);

  const ServeArguments arguments_;
  const bool remembers_;     // any room did at the start
  const bool has_memory_;    // any room remembered at the start, or had a slow_consumer
  const bool has_presence_;  // the same
  std::unique_ptr<Parts> parts_;
  std::mutex running_;  // held by the one that runs
  mutable std::mutex mutex_;
  // guarded by mutex_
  std::shared_ptr<const config::Loaded> loaded_;
  ReloadFigures figures_;
};

}  // namespace hearth::app
