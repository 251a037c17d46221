#pragma once

#include "config/config.hpp"
#include "hearth/grants.hpp"
#include "hearth/room_rules.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace hearth::app {

/// What the rules of a configuration say of somebody in a room, tried out.
class RuleQuestion {
 public:
  /// Throws ApiProblem for a body that is not right. `config` has to outlive this.
  RuleQuestion(std::string_view body, const config::Config& config);

  boost::json::object answer() const;

 private:
  const config::Config& config_;
  std::optional<std::string> user_{};
  boost::json::object claims_{};
  Grants grants_{};
  std::string room_{};
  std::string event_{};
  RoomAction action_ = RoomAction::join;
  bool is_member_ = false;
};

}  // namespace hearth::app
