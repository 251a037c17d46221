#pragma once

#include "hearth/cluster.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::app {

struct ApiDesk;

/// How long the instances have to answer.
inline constexpr std::chrono::seconds kClusterPatience{2};

/// What all instances answer, this one first; on the thread of the API. Throws ApiProblem if this one ends meanwhile.
boost::asio::awaitable<std::vector<NodeAnswer>> ask_all(ApiDesk& desk, ClusterQuestion question);

/// Who has answered, and what it says of itself.
boost::json::array json_of_nodes(const std::vector<NodeAnswer>& answers);
/// The clients in all answers, each with the name of its `node`; the first `most`.
boost::json::array clients_in(const std::vector<NodeAnswer>& answers, std::size_t most);

/// The word for how the link to the other instances is.
std::string_view word_of(BrokerState state);

}  // namespace hearth::app
