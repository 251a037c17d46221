#pragma once

#include "protocol/request_error.hpp"
#include "shard/outlet.hpp"

#include <string_view>

namespace hearth::shard {

/// Writes what answers a client (docs/protocol.md, Answers to requests). `id_json` is the token of the request's id, or
/// empty: then refusals say what those of Ignis say, and the rest is silent or not, as its caller decides.
class Answers {
 public:
  explicit Answers(Outlet& outlet) noexcept : outlet_(outlet) {}

  /// `data` is valid JSON or empty.
  void event(hub::Client& client, std::string_view event, std::string_view data, std::string_view id_json = {});
  void ack(hub::Client& client, std::string_view data, std::string_view id_json) {
    event(client, protocol::event::kAck, data, id_json);
  }
  /// An error that has no code.
  void error(hub::Client& client, std::string_view message);
  /// `more` is further members of the data, beginning with a comma.
  void error(hub::Client& client, const protocol::RequestError& error, std::string_view id_json,
             std::string_view more = {});

 private:
  Outlet& outlet_;
};

}  // namespace hearth::shard
