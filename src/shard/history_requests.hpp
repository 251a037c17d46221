#pragma once

#include "hub/hub.hpp"
#include "protocol/envelope.hpp"
#include "protocol/request_error.hpp"
#include "shard/answers.hpp"
#include "shard/remembered_rooms.hpp"
#include "shard/turns.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::shard {

/// `history` (docs/protocol.md, History). One at a time a client. The shard's thread alone.
class HistoryRequests {
 public:
  static constexpr std::size_t kMostPublications = 1000;  ///< an answer
  static constexpr std::size_t kUsualPublications = 100;  ///< if the request does not say

  HistoryRequests(const hub::Hub& hub, Turns& turns, Answers& answers, RememberedRooms& rooms)
      : hub_(hub), turns_(turns), answers_(answers), rooms_(rooms) {}

  void history(hub::Client& client, const protocol::Envelope& envelope);

 private:
  /// What of a room is asked for.
  struct Range {
    std::string room{};
    std::optional<std::uint64_t> after{};
    std::optional<std::uint64_t> before{};
    std::size_t limit = kUsualPublications;
    std::string id_json{};
  };

  static std::optional<Range> read_range(const protocol::Envelope& envelope);
  void found_ends(const protocol::ClientId& id, const Range& range, const Result<LogPage>& page);
  void found(const protocol::ClientId& id, const Range& range, std::uint64_t first, const Result<LogPage>& page);
  void refuse(const protocol::ClientId& id, const Range& range, const protocol::RequestError& why);

  const hub::Hub& hub_;
  Turns& turns_;
  Answers& answers_;
  RememberedRooms& rooms_;
};

}  // namespace hearth::shard
