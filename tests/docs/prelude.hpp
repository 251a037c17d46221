#pragma once

// What the fragments of C++ in the documentation may use without saying so.

#include "hearth/emitter.hpp"
#include "hearth/jwt.hpp"
#include "hearth/jwt_signer.hpp"
#include "hearth/redis_broker.hpp"
#include "hearth/redis_client.hpp"
#include "hearth/room_rules.hpp"
#include "hearth/room_template.hpp"
#include "hearth/server.hpp"
#include "hearth/typed_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/describe/class.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>
