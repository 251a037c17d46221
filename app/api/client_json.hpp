#pragma once

#include "hearth/client.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <vector>

namespace hearth::app {

/// A client as the API shows it.
boost::json::object json_of(const ClientSnapshot& client);
boost::json::array json_of(const std::vector<ClientSnapshot>& clients);

}  // namespace hearth::app
