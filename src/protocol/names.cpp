#include "hearth/names.hpp"

#include "protocol/client_id.hpp"
#include "protocol/system_events.hpp"

namespace hearth {

bool is_reserved_event(std::string_view event) noexcept { return protocol::is_reserved_event(event); }

bool is_valid_room_name(std::string_view name) noexcept { return protocol::is_valid_room_name(name); }

bool is_client_id(std::string_view text) noexcept { return protocol::ClientId::parse(text).has_value(); }

}  // namespace hearth
