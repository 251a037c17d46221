#pragma once

#include "api/body.hpp"
#include "api/gate.hpp"
#include "hearth/json.hpp"
#include "hearth/target.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace hearth::app {

/// 422 for a name that no room can have.
void check_room(std::string_view member, const std::string& room);

/// The names of rooms in a member of a body; throws ApiProblem if one cannot be a room's.
std::vector<std::string> read_rooms(const ApiBody& body, std::string_view member);

/// What a request to publish says. Throws ApiProblem if that is not right. Good as long as its text.
class PublishRequestBody {
 public:
  explicit PublishRequestBody(std::string_view text);
  PublishRequestBody(const PublishRequestBody&) = delete;
  PublishRequestBody& operator=(const PublishRequestBody&) = delete;

  /// Throws ApiProblem if the key may not publish to one of the targets.
  void check(const ApiGrant& grant) const;

  const std::vector<Target>& targets() const noexcept { return targets_; }
  const std::string& event() const noexcept { return event_; }
  JsonView data() const noexcept { return data_; }
  const std::vector<std::string>& exclude() const noexcept { return exclude_; }
  /// Empty if there is none.
  const std::string& idempotency_key() const noexcept { return idempotency_key_; }
  /// What a slow client of a room that remembers is kept the newest of; empty if there is none.
  const std::string& key() const noexcept { return key_; }

 private:
  std::vector<std::string> names_;
  std::vector<Target> targets_;  // views of names_
  std::string event_;
  JsonView data_;
  std::vector<std::string> exclude_;
  std::string idempotency_key_;
  std::string key_;
};

}  // namespace hearth::app
