#pragma once

#include "broker/local_presence.hpp"
#include "presence/kept.hpp"
#include "presence/rooms.hpp"
#include "presence/store.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::presence::test {

inline ClientId id(unsigned number) {
  ClientId id;
  id.bytes[6] = 0x40;
  id.bytes[8] = 0x80;
  id.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

/// Instances with a store between them, a clock that stands still, and links that may be cut.
class Cluster {
 public:
  class Node final : public Sink, public Store {
   public:
    Node(Cluster& cluster, std::string its_name)
        : cluster_(cluster),
          name(std::move(its_name)),
          rooms(*this, {.store = this, .self = name, .heartbeat = std::chrono::seconds(5)}, cluster.now) {}

    void join(unsigned number, std::string user = {}) {
      const auto member = std::make_shared<const Member>(Member{id(number), std::move(user), {}});
      rooms.take(0, {.kind = Note::Kind::joined, .room = "tea", .rule = cluster_.rule, .member = member}, cluster_.now);
    }
    void leave(unsigned number) { note(Note::Kind::left, number); }
    void watch(unsigned number) { note(Note::Kind::watch, number); }
    void note(Note::Kind kind, unsigned number) {
      rooms.take(0, {.kind = kind, .room = "tea", .client = id(number)}, cluster_.now);
    }

    // Sink
    void tell(std::uint8_t, const std::string&, const TextPtr& text) override { told.push_back(*text); }
    void show(std::uint8_t, const std::string&, const ClientId&, const TextPtr& text) override {
      shown.push_back(*text);
    }
    void answer(std::uint8_t, const ClientId&, const std::string&, const TextPtr& text) override {
      answers.push_back(text ? *text : "none");
    }

    // Store
    void look(bool renews, std::chrono::milliseconds life) override {
      cluster_.do_later(*this, [this, renews, life](bool is_up) {
        if (!is_up) return rooms.cut_off(cluster_.now);
        const auto living = cluster_.kept.look(name, renews ? std::optional(life) : std::nullopt, cluster_.now);
        rooms.living(living.instances, living.was_missing, cluster_.now);
      });
    }
    void write(const std::string& room, const Report& report) override {
      cluster_.do_later(*this, [this, room, report](bool is_up) {
        if (is_up) cluster_.written(*this, kept_report(room, report));
        rooms.written(room, is_up, cluster_.now);
      });
    }
    void read(const std::string& room) override {
      cluster_.do_later(*this, [this, room](bool is_up) {
        if (!is_up) return rooms.read_failed(room, cluster_.now);
        std::vector<Entry> entries;
        for (const PresenceEntry& entry : cluster_.kept.read(room, cluster_.now)) entries.push_back(entry_of(entry));
        ++reads;
        rooms.read(room, entries, cluster_.now);
      });
    }
    void forget(const std::string& room, const std::string& node) override {
      cluster_.do_later(*this, [this, room, node](bool is_up) {
        if (is_up) cluster_.kept.forget(room, node, cluster_.now);
      });
    }
    void watch(const std::string& room) override {
      watches.insert(room);
      cluster_.do_later(*this, [this, room](bool is_up) {
        if (is_up) rooms.watched(room, cluster_.now);
      });
    }
    void unwatch(const std::string& room) override { watches.erase(room); }

   private:
    Cluster& cluster_;

   public:
    const std::string name;
    Rooms rooms;
    std::vector<std::string> told;
    std::vector<std::string> shown;
    std::vector<std::string> answers;
    std::set<std::string> watches;
    std::size_t reads = 0;
    bool is_linked = true;  ///< its link to the store
    bool hears = true;      ///< what others say
    bool is_dead = false;   ///< it does nothing any more
  };

  Node& add(std::string name) { return *nodes.emplace_back(std::make_unique<Node>(*this, std::move(name))); }

  void do_later(Node& node, std::function<void(bool is_up)> what) { later_.emplace_back(&node, std::move(what)); }
  void written(const Node& by, const PresenceReport& report) {
    if (!kept.write(by.name, report)) return;
    for (const auto& node : nodes) {
      const bool hears = node.get() != &by && node->is_linked && node->hears && !node->is_dead;
      if (hears && node->watches.contains(report.room))
        node->rooms.report(by.name, report.room, report_of(report), now);
    }
  }
  /// Of the link of an instance, back.
  void mend(Node& node) {
    node.is_linked = true;
    for (const std::string& room : node.watches) node.rooms.watched(room, now);
  }
  void settle() {
    while (!later_.empty()) {
      for (const auto& [node, what] : std::exchange(later_, {})) {
        if (!node->is_dead) what(node->is_linked);
      }
    }
  }
  void advance(std::chrono::milliseconds time) {
    constexpr std::chrono::milliseconds kStep{50};
    for (const TimePoint end = now + time; now < end;) {
      now += std::min(kStep, std::chrono::duration_cast<std::chrono::milliseconds>(end - now));
      for (const auto& node : nodes) {
        if (!node->is_dead) node->rooms.advance(now);
      }
      settle();
    }
  }

  TimePoint now{std::chrono::hours(1)};
  std::shared_ptr<RoomRule> rule = std::make_shared<RoomRule>(RoomRule{.presence = RoomPresence::members});
  broker::LocalPresence kept;
  std::vector<std::unique_ptr<Node>> nodes;

 private:
  std::vector<std::pair<Node*, std::function<void(bool)>>> later_;
};

}  // namespace hearth::presence::test
