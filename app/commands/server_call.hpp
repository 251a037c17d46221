#pragma once

#include "remote/running_server.hpp"

#include <CLI/App.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::app {

/// `--api`, what it is trusted by, and `--config`, for commands that talk to a running server.
void add_server_flags(CLI::App& command, ServerFlags& flags);

/// Runs one of them: what it throws as UsageError is said on standard error, and the exit code is 2.
int run_against_server(std::string_view command, const std::function<int()>& run);

/// Says what is wrong with an answer, or with how far it has gone. Returns the exit code: 0 if all is well, 2 if a
/// value is wrong, otherwise 1.
int exit_code_of(std::string_view command, const ApiReply& reply);

/// Names as JSON.
boost::json::array json_of(const std::vector<std::string>& names);

}  // namespace hearth::app
