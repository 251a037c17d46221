#pragma once

#include "hearth/options.hpp"
#include "serve/asking.hpp"
#include "serve/current_access.hpp"
#include "serve/telling.hpp"

namespace hearth::app {

/// Has `access` decide, and `asking` what it passes on. With `any_room`, rules decide nothing.
void add_handlers(Options& options, const CurrentAccess& access, const Asking& asking, bool any_room);

/// Has custom events of clients answered by the backend, and told to it, as the configuration says. `telling` is null
/// if nobody is told.
void add_messages(Options& options, const CurrentAccess& access, const Asking& asking, const Telling* telling);

/// Has it told who comes and goes, here and in rooms.
void add_events(Options& options, const Telling& telling);

}  // namespace hearth::app
