#pragma once

#include <CLI/App.hpp>

#include <string>

namespace hearth::app {

/// What is wrong with a command line that `app` could not read: which command was meant, what of it is not understood,
/// and what would be right.
std::string complaint_of(const CLI::App& app, const CLI::ParseError& error);

}  // namespace hearth::app
