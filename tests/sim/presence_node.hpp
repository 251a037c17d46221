#pragma once

#include "hearth/presence.hpp"
#include "hearth/room_rule.hpp"
#include "presence/note.hpp"
#include "presence/rooms.hpp"
#include "presence/store.hpp"
#include "sim/event_queue.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::sim {

class PresenceWorld;

/// From a node to the store.
struct PresenceRequest {
  enum class Kind : std::uint8_t { look, write, read, forget, subscribe, unsubscribe };
  Kind kind = Kind::look;
  std::optional<std::chrono::milliseconds> life{};  ///< look
  std::string room{};
  std::string instance{};   ///< forget
  PresenceReport report{};  ///< write
};

/// From the store to a node, or what has become of its links.
struct PresenceReply {
  enum class Kind : std::uint8_t {
    answered,
    failed,   ///< it will not be answered
    said,     ///< what another has reported
    watched,  ///< from now on that is heard
    lost,     ///< nothing is heard any more
  };
  Kind kind = Kind::answered;
  PresenceRequest to{};  ///< answered, failed
  LivingInstances living{};
  std::vector<PresenceEntry> entries{};
  std::string room{};
  std::string from{};
  std::shared_ptr<const PresenceReport> report{};
};

/// What there is to tell to clients of a shard.
struct SaidToShard {
  enum class Kind : std::uint8_t { tell, show, answer };
  Kind kind = Kind::tell;
  std::uint8_t shard = 0;
  std::string room{};
  presence::ClientId client{};
  presence::TextPtr text{};
};

/// A process of the server: the real rooms behind two links, and shards that do as shard/present_rooms.hpp does.
class PresenceNode final : public presence::Sink, private presence::Store {
 public:
  PresenceNode(PresenceWorld& world, std::uint32_t index, std::uint32_t id);

  // what happens on its shards; members are called by their numbers

  void join(std::uint32_t room, std::uint32_t member, std::uint32_t user);
  void leave(std::uint32_t room, std::uint32_t member);
  void watch(std::uint32_t room, std::uint32_t member);
  void ask(std::uint32_t room, std::uint32_t member, bool by_pages);
  bool is_in(std::uint32_t room, std::uint32_t member) const { return rooms_here_[room].members.contains(member); }

  // its presence thread

  /// Takes what the shards have left.
  void take_mail();
  void take(const PresenceReply& reply);
  void advance();
  /// As an application asks; the answer is written down.
  void ask_as_application(std::uint32_t room);
  void finish();
  bool owes() const { return rooms_.owes(); }

  /// Has the shards take what there is to tell.
  void take_said();

  PresenceWorld& world;
  const std::uint32_t index;  // of its links
  const std::uint32_t id;     // in the records: a process that is started again has another
  const std::string name;
  Micros stopped_until = 0;
  Micros ends_by = 0;  // it ends: by when
  std::set<std::string> channels;
  std::deque<PresenceReply> local;  // what its links say of themselves
  std::deque<SaidToShard> said;
  std::uint64_t unanswered = 0;
  bool mail_is_planned = false;
  bool said_is_planned = false;
  std::optional<Micros> advances_at;

 private:
  /// A room on the shards.
  struct Here {
    std::set<std::uint32_t> members{};
    std::map<std::uint32_t, bool> watching{};  // whether it has been shown everybody
  };

  std::uint8_t shard_of(std::uint32_t member) const;
  void note(std::uint8_t shard, presence::Note note);
  void tell(std::uint8_t shard, const std::string& room, const presence::TextPtr& text) override;
  void show(std::uint8_t shard, const std::string& room, const presence::ClientId& client,
            const presence::TextPtr& text) override;
  void answer(std::uint8_t shard, const presence::ClientId& client, const std::string& id_json,
              const presence::TextPtr& text) override;
  void look(bool renews, std::chrono::milliseconds life) override;
  void write(const std::string& room, const presence::Report& report) override;
  void read(const std::string& room) override;
  void forget(const std::string& room, const std::string& node) override;
  void watch(const std::string& room) override;
  void unwatch(const std::string& room) override;

  std::vector<Here> rooms_here_;
  std::deque<std::pair<std::uint8_t, presence::Note>> mail_;
  presence::Rooms rooms_;
};

}  // namespace hearth::sim
