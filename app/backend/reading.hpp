#pragma once

#include "hearth/grants.hpp"
#include "hearth/json.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace hearth::app {

/// Something read, or why it could not be.
template <class Type>
struct Read {
  std::optional<Type> value{};
  std::string problem{};  ///< on one line; what the answer has in it is not
};

/// What the backend says of who a client is.
struct BackendIdentity {
  std::optional<std::string> user_id{};
  std::optional<std::chrono::sys_seconds> expires_at{};
  boost::json::object claims{};
  Grants grants{};
};

/// All of them of an answer that is a JSON object, which they check.
Read<BackendIdentity> read_identity(JsonView answer);
Read<std::vector<std::string>> read_rooms(JsonView answer);

/// What the body of a refused `message` says, any text: `{"error":{"message":…}}`. Nothing if it is none.
std::optional<std::string> read_error(const std::string& body);

}  // namespace hearth::app
