#pragma once

#include "commands/command_list.hpp"

namespace hearth::app {

// One a file of this folder.
void add_bench(CommandList& commands);
void add_config(CommandList& commands);
void add_control(CommandList& commands);
void add_emit(CommandList& commands);
void add_health(CommandList& commands);
void add_publish(CommandList& commands);
void add_reload(CommandList& commands);
void add_rules(CommandList& commands);
void add_serve(CommandList& commands);
void add_token(CommandList& commands);
void add_top(CommandList& commands);

}  // namespace hearth::app
