#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::websocket {

/// One element of `Sec-WebSocket-Extensions`.
struct Extension {
  struct Parameter {
    std::string name;
    std::optional<std::string> value;  ///< without the quotes, if there were any
  };

  std::string name;
  std::vector<Parameter> parameters;
};

/// Reads the list by the grammar of RFC 6455, 9.1, or gives nothing when it does not follow it.
std::optional<std::vector<Extension>> parse_extensions(std::string_view header);

}  // namespace hearth::websocket
