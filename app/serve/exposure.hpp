#pragma once

#include <string>
#include <string_view>

namespace hearth::app {

/// What it means for a server in development mode to listen on an address (`127.0.0.1:80`, `[::1]:80`, `unix:/path`, as
/// `Server::addresses` gives them), and what to do instead. Empty if only this machine can reach it.
std::string danger_of(std::string_view address);

}  // namespace hearth::app
