#pragma once

#include "hearth/export.hpp"

#include <string_view>

namespace hearth {

// What names may be on the wire, for programs that take them from others, as an HTTP API does.

/// Whether an event is one of the protocol's own, which only the server sends (docs/protocol.md, Events).
HEARTH_API bool is_reserved_event(std::string_view event) noexcept;

/// Whether clients may ask for a room of this name: not empty, at most 256 UTF-16 code units, and not beginning with
/// `ws:` (docs/protocol.md, Rooms).
HEARTH_API bool is_valid_room_name(std::string_view name) noexcept;

/// Whether it is the id of a client, be it one of long ago.
HEARTH_API bool is_client_id(std::string_view text) noexcept;

}  // namespace hearth
