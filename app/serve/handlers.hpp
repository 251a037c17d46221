#pragma once

#include "backend/backend_thread.hpp"
#include "config/config.hpp"
#include "hearth/options.hpp"
#include "serve/asking.hpp"
#include "serve/current_access.hpp"

namespace hearth::app {

/// Has `access` decide, and `asking` what it passes on, if there is somebody to ask. With `any_room`, rules decide
/// nothing.
void add_handlers(Options& options, const CurrentAccess& access, const Asking* asking, bool any_room);

/// What a server needs that has a backend.
void add_backend(Options& options, const config::Config& config, BackendThread& thread);

}  // namespace hearth::app
