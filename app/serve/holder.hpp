#pragma once

#include "hearth/client_view.hpp"
#include "hearth/requests.hpp"
#include "hearth/room_pattern.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::app {

/// What stays the same for a client when its identity is renewed.
struct ClientLife {
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
  std::atomic<std::uint64_t> last_event{0};  ///< number of the last event that was told of it
};

/// What is kept of a client to decide by: its context.
struct Holder {
  boost::json::object claims{};
  std::vector<RoomPattern> join{};
  std::vector<RoomPattern> publish{};
  // For whoever is asked later, if there is somebody.
  boost::json::value metadata{};
  std::string remote_address{};
  std::shared_ptr<ClientLife> life{};  ///< if there is somebody who is told
};

/// Nothing if nothing is kept.
inline const Holder* holder_of(const ClientContext& context) { return static_cast<const Holder*>(context.get()); }

/// A client as rules see it. Good for as long as its context.
inline ClientView view_of(std::string_view client_id, std::optional<std::string_view> user_id,
                          const ClientContext& context) {
  ClientView view;
  view.client_id = client_id;
  view.user_id = user_id;
  if (const Holder* holder = holder_of(context); holder != nullptr) {
    view.claims = &holder->claims;
    view.join = holder->join;
    view.publish = holder->publish;
  }
  return view;
}

}  // namespace hearth::app
