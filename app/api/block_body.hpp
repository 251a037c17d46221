#pragma once

#include "hearth/block.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <string_view>

namespace hearth::app {

/// What a request to block says; throws ApiProblem if that is not right.
Block read_block(std::string_view text, std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

/// The same as an answer shows it.
boost::json::object json_of(const Block& block);

}  // namespace hearth::app
