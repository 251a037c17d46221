#pragma once

#include "api/answer.hpp"
#include "api/desk.hpp"
#include "api/route.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <cstddef>
#include <string>

// What the routes do, by their ids. Each throws ApiProblem for what is wrong with a call.
namespace hearth::app::routes {

using Awaited = boost::asio::awaitable<ApiAnswer>;

// health_routes.cpp
Awaited livez(ApiDesk& desk, const ApiCall& call);
Awaited healthz(ApiDesk& desk, const ApiCall& call);
Awaited readyz(ApiDesk& desk, const ApiCall& call);
Awaited metrics(ApiDesk& desk, const ApiCall& call);
Awaited info(ApiDesk& desk, const ApiCall& call);
Awaited openapi(ApiDesk& desk, const ApiCall& call);

// publish_routes.cpp
Awaited publish(ApiDesk& desk, const ApiCall& call);
Awaited batch(ApiDesk& desk, const ApiCall& call);

// control_routes.cpp
Awaited disconnect(ApiDesk& desk, const ApiCall& call);
Awaited join(ApiDesk& desk, const ApiCall& call);
Awaited leave(ApiDesk& desk, const ApiCall& call);
Awaited block(ApiDesk& desk, const ApiCall& call);
Awaited unblock(ApiDesk& desk, const ApiCall& call);
Awaited drain(ApiDesk& desk, const ApiCall& call);
Awaited reload(ApiDesk& desk, const ApiCall& call);
Awaited blocks(ApiDesk& desk, const ApiCall& call);

// list_routes.cpp
Awaited clients(ApiDesk& desk, const ApiCall& call);
Awaited client(ApiDesk& desk, const ApiCall& call);
Awaited user(ApiDesk& desk, const ApiCall& call);
Awaited rooms(ApiDesk& desk, const ApiCall& call);
Awaited room(ApiDesk& desk, const ApiCall& call);
Awaited top(ApiDesk& desk, const ApiCall& call);

// history_routes.cpp
Awaited history(ApiDesk& desk, const ApiCall& call);
Awaited erase_history(ApiDesk& desk, const ApiCall& call);

// presence_routes.cpp
Awaited presence(ApiDesk& desk, const ApiCall& call);

// session_routes.cpp
Awaited session(ApiDesk& desk, const ApiCall& call);
Awaited sign_in(ApiDesk& desk, const ApiCall& call);
Awaited sign_out(ApiDesk& desk, const ApiCall& call);

// live_routes.cpp
Awaited live(ApiDesk& desk, const ApiCall& call);
Awaited samples(ApiDesk& desk, const ApiCall& call);

// watch_routes.cpp
Awaited watch(ApiDesk& desk, const ApiCall& call);

// configuration_routes.cpp
Awaited configuration(ApiDesk& desk, const ApiCall& call);
Awaited test_rules(ApiDesk& desk, const ApiCall& call);

// cluster_routes.cpp: the same of all instances, by value since they outlive the call
Awaited cluster_client(ApiDesk& desk, std::string id);
Awaited cluster_user(ApiDesk& desk, std::string id);
Awaited cluster_room(ApiDesk& desk, std::string room, std::size_t most);
Awaited cluster_blocks(ApiDesk& desk);
boost::asio::awaitable<void> add_cluster(ApiDesk& desk, boost::json::object& body);

/// Of what has been done here, and everywhere if `is_everywhere`.
ApiAnswer done(ApiDesk& desk, bool is_everywhere = true);

}  // namespace hearth::app::routes
