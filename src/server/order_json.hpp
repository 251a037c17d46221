#pragma once

#include "hearth/json.hpp"
#include "shard/order.hpp"

#include <optional>
#include <string>

namespace hearth::server {

/// A JSON object with `op`, as it goes to the broker.
std::string order_json(const shard::Order& order);
/// Nothing for what is no order, or none of this version.
std::optional<shard::Order> read_order(JsonView message);

}  // namespace hearth::server
