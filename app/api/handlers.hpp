#pragma once

#include "api/answer.hpp"
#include "api/desk.hpp"
#include "api/route.hpp"

#include <boost/asio/awaitable.hpp>

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
Awaited blocks(ApiDesk& desk, const ApiCall& call);

/// Of what has been done here, and everywhere if `is_everywhere`.
ApiAnswer done(ApiDesk& desk, bool is_everywhere = true);

}  // namespace hearth::app::routes
