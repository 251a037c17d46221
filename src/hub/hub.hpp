#pragma once

#include "hub/attendance.hpp"
#include "hub/client.hpp"
#include "hub/interest.hpp"
#include "hub/memory.hpp"
#include "protocol/client_id.hpp"
#include "protocol/name_hash.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::hub {

/// A room as far as one shard is concerned: those of its members who live there. Exists while it has any.
struct Room {
  std::string name;
  std::vector<Client*> members;
  std::unique_ptr<Memory> memory;  ///< null: all members are sent everything, as the server's options say
  std::uint8_t attended_by = 0;    ///< who is told who comes and goes: a bit for each of Hub::Attendances
};

/// A user as far as one shard is concerned. Exists while it has clients.
struct User {
  std::string id;
  boost::intrusive::list<Client, boost::intrusive::base_hook<UserHook>, boost::intrusive::constant_time_size<false>>
      clients;
};

/// One shard's registry of clients, users and rooms. Not thread-safe, but for `knows`.
///
/// Every client is in the room of its own id, which is not kept as a room: `Client::in_own_room` and the index of
/// clients say it all.
class Hub {
 public:
  /// Each may be null.
  using Attendances = std::array<Attendance*, 2>;

  /// `interest` is told what addresses have somebody here; null if nobody wants to know. `memories` says which rooms
  /// remember; null if none does. `attendances` are told who comes into rooms and leaves them.
  explicit Hub(Interest* interest = nullptr, Memories* memories = nullptr, const Attendances& attendances = {}) noexcept
      : interest_(interest), memories_(memories), attendances_(attendances) {}
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  void add(Client& client);
  /// Takes it out of at most `most` rooms. False: it is in others still.
  bool leave_rooms(Client& client, std::size_t most);
  /// Takes it out of everything. The client itself lives on. After something was thrown it is to be called again.
  void remove(Client& client);

  /// Files an authenticated client under its user.
  void assign_user(Client& client, std::string_view user_id);

  /// Files an authenticated client under its own id, and puts it in the room of that.
  void admit(Client& client);

  /// False if it was a member already. `asked`: the client has asked for it itself.
  bool join(Client& client, std::string_view room, bool asked = false);
  /// False if it was no member.
  bool leave(Client& client, std::string_view room);
  bool is_member(const Client& client, std::string_view room) const;
  /// Its own first; at most so many.
  std::vector<std::string> rooms_of(const Client& client, std::size_t most = SIZE_MAX) const;
  /// Null if nobody here is in it, and for the room of a client's own id.
  Room* find_room(std::string_view name) const;

  Client* find(const protocol::ClientId& id) const noexcept;
  /// As `find`, unless it is gone or going.
  Client* find_open(const protocol::ClientId& id) const noexcept {
    Client* client = find(id);
    return client != nullptr && client->is_open() ? client : nullptr;
  }
  /// As `find`, for the text of an id.
  Client* find(std::string_view id) const noexcept;

  /// Calls `function(Client&)` for each member of a room here, each user's client, each client. It must not change the
  /// hub. False if there was none.
  template <class Function>
  bool for_each_in_room(std::string_view name, Function function) const {
    return for_each_in_room(name, find_room(name), function);
  }
  /// The same where the room has been looked up already.
  template <class Function>
  bool for_each_in_room(std::string_view name, const Room* room, Function function) const {
    bool any = false;
    if (Client* own = find(name); own != nullptr && own->in_own_room) {
      function(*own);
      any = true;
    }
    if (room != nullptr) {
      const auto& members = room->members;
      auto ahead = members.begin() + static_cast<std::ptrdiff_t>(std::min(members.size(), kPrefetch));
      std::for_each(members.begin(), ahead, [](const Client* member) { member->prefetch(); });
      for (Client* member : members) {
        if (ahead != members.end()) (*ahead++)->prefetch();
        function(*member);
      }
      any = true;
    }
    return any;
  }
  template <class Function>
  bool for_each_of_user(std::string_view id, Function function) const {
    const auto user = users_.find(id);
    if (user == users_.end()) return false;
    for (Client& client : (*user)->clients) function(client);
    return true;
  }
  template <class Function>
  void for_each_client(Function function) const {
    for (const auto& client : clients_) function(*client);
  }

  std::size_t size() const noexcept { return clients_.size(); }
  std::size_t memberships() const noexcept { return memberships_; }
  template <class Function>
  void for_each_room(Function function) const {
    for (const auto& room : rooms_) function(*room);
  }
  /// What rooms are has changed: those that are here are what `memories` and `attendance` say now, but for those that
  /// have a memory, which mostly keep it.
  void rules_changed();
  template <class Function>
  void for_each_user(Function function) const {
    for (const auto& user : users_) function(*user);
  }

  /// From any thread: whether a client with this id is connected here.
  bool knows(const protocol::ClientId& id) const;

 private:
  struct ById {
    using is_transparent = void;
    using is_avalanching = void;
    std::size_t operator()(const Client* client) const noexcept { return (*this)(client->id); }
    std::size_t operator()(const protocol::ClientId& id) const noexcept { return std::hash<protocol::ClientId>()(id); }
    bool operator()(const Client* a, const Client* b) const noexcept { return a == b; }
    bool operator()(const protocol::ClientId& id, const Client* client) const noexcept { return id == client->id; }
    bool operator()(const Client* client, const protocol::ClientId& id) const noexcept { return id == client->id; }
  };

  /// Hashes and compares what is known by a name: rooms and users.
  template <class T, std::string T::*name>
  struct ByName {
    using is_transparent = void;
    using is_avalanching = void;
    std::size_t operator()(std::string_view text) const noexcept { return protocol::NameHash()(text); }
    std::size_t operator()(const std::unique_ptr<T>& item) const noexcept { return (*this)((*item).*name); }
    bool operator()(const std::unique_ptr<T>& a, const std::unique_ptr<T>& b) const noexcept { return a == b; }
    bool operator()(std::string_view text, const std::unique_ptr<T>& item) const noexcept {
      return text == (*item).*name;
    }
    bool operator()(const std::unique_ptr<T>& item, std::string_view text) const noexcept {
      return text == (*item).*name;
    }
  };
  static constexpr std::size_t kPrefetch = 8;

  using RoomsByName = ByName<Room, &Room::name>;
  using UsersById = ByName<User, &User::id>;

  void leave_at(Client& client, std::size_t index);
  std::uint8_t attended_by(std::string_view room) const;
  /// Calls `tell(Attendance&)` for each that is told of the room.
  template <class Tell>
  void tell_attendances(const Room& room, Tell tell) const {
    for (std::size_t i = 0; i < attendances_.size(); ++i) {
      if ((room.attended_by >> i & 1U) != 0) tell(*attendances_[i]);
    }
  }
  void leave_user(Client& client);
  bool set_in_own_room(Client& client, bool in);
  void begin(Interest::Kind kind, std::string_view name) {
    if (interest_ != nullptr) interest_->begin(kind, name);
  }
  void end(Interest::Kind kind, std::string_view name) {
    if (interest_ != nullptr) interest_->end(kind, name);
  }
  std::optional<std::size_t> membership_in(const Client& client, std::string_view room) const;

  Interest* const interest_;
  Memories* const memories_;
  const Attendances attendances_;

  // Changed by the shard's thread alone and under the mutex; others look at it under the mutex.
  mutable std::mutex clients_mutex_;
  boost::unordered_flat_set<Client*, ById, ById> clients_;

  boost::unordered_flat_set<std::unique_ptr<Room>, RoomsByName, RoomsByName> rooms_;
  boost::unordered_flat_set<std::unique_ptr<User>, UsersById, UsersById> users_;
  std::size_t memberships_ = 0;
};

}  // namespace hearth::hub
