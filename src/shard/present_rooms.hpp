#pragma once

#include "hub/attendance.hpp"
#include "hub/hub.hpp"
#include "presence/note.hpp"
#include "protocol/client_id.hpp"
#include "protocol/envelope.hpp"
#include "protocol/name_hash.hpp"
#include "shard/answers.hpp"
#include "shard/deliveries.hpp"
#include "shard/presence_desk.hpp"
#include "shard/remembering.hpp"
#include "shard/turns.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::shard {

/// The rooms of a shard whose members are told who is in them (docs/presence.md): says who comes and goes, and passes
/// on to those who want it what there is to tell. The shard's thread alone.
class PresentRooms final : public hub::Attendance {
 public:
  /// All of it outlives this object, but for the hub and what answers, which are used only while the shard turns.
  struct Around {
    const Remembering& remembering;
    PresenceDesk* desk;  ///< null if no room has presence
    const hub::Hub& hub;
    Turns& turns;
    Answers& answers;
    Deliveries& deliveries;
  };

  PresentRooms(const Around& around, std::uint8_t shard) : at_(around), shard_(shard) {}

  /// Whether any room has, or ever will.
  bool any() const noexcept { return at_.desk != nullptr; }

  // hub::Attendance
  bool is_taken(std::string_view room) const override;
  void joined(const hub::Client& client, const hub::Room& room) override;
  void not_joined(const hub::Client& client, const hub::Room& room) noexcept override;
  void left(const hub::Client& client, const hub::Room& room) override;

  /// A client has authenticated: from now on it is somebody in the rooms that it was put in.
  void admitted(const hub::Client& client);
  /// Rooms that are here may have come to have presence, and what they are is in the hub.
  void rules_changed();

  // What members want:

  /// Whether it is here and has presence.
  bool has(std::string_view room) const { return rooms_.contains(room); }
  /// A member is told from now on.
  void watch(const hub::Client& client, std::string_view room);
  /// `presence`.
  void request(hub::Client& client, const protocol::Envelope& envelope);

  // What there is to tell: data of `presence`.

  void tell(std::string_view room, std::string_view text);
  void show(std::string_view room, const protocol::ClientId& id, std::string_view text);
  void answer(const protocol::ClientId& id, std::string_view id_json, std::string_view text);

  /// Whether something was noted that is to be passed on.
  bool has_news() const noexcept { return !news_.empty(); }
  void pass_on();

 private:
  /// Who wants to be told, and whether it has been shown everybody.
  using Watching = boost::unordered_flat_map<protocol::ClientId, bool, std::hash<protocol::ClientId>>;

  struct Present {
    RulePtr rule;
    Watching watching{};
  };

  void note_joined(const hub::Client& client, const std::string& room, const RulePtr& rule);
  static presence::MemberPtr member_of(const hub::Client& client);

  const Around at_;
  const std::uint8_t shard_;
  boost::unordered_flat_map<std::string, Present, protocol::NameHash, std::equal_to<>> rooms_;
  std::vector<presence::Note> news_;
  std::vector<hub::Client*> told_;  // scratch of `tell`
};

}  // namespace hearth::shard
