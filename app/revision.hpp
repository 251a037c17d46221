#pragma once

#include <string_view>

namespace hearth::app {

/// The revision of the sources that the command was built of: a commit, with `-dirty` if they were changed; `unknown`
/// if they were in no repository (cmake/HearthRevision.cmake).
std::string_view revision() noexcept;

}  // namespace hearth::app
