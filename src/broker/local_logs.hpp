#pragma once

#include "hearth/history.hpp"
#include "protocol/name_hash.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <string>
#include <string_view>

namespace hearth::broker {

/// The logs of rooms in memory: what a Redis would keep, for servers that have none. Not thread-safe. Times are
/// milliseconds since 1970.
class LocalLogs {
 public:
  static constexpr std::size_t kMostLogs = 1'000'000;  ///< past that, the one that was written longest ago is forgotten
  static constexpr std::size_t kMostKeys = 100'000;    ///< idempotency keys; as above
  static constexpr std::int64_t kKeyLife = 5 * 60 * 1000;
  static constexpr std::int64_t kLogLife = std::int64_t{30} * 24 * 60 * 60 * 1000;  ///< of one that nobody writes to

  struct Written {
    Appended appended;
    PublicationPtr publication;  ///< none if it was there already
  };

  /// A `time_ms` of 0 becomes `now`.
  Result<Written> append(Publication publication, const Retention& retention, std::string_view idempotency_key,
                         std::int64_t now);
  LogPage read(std::string_view room, std::uint64_t after, std::size_t count, std::int64_t now);
  LogTop top(std::string_view room) const;
  void erase(std::string_view room);

  std::size_t size() const noexcept { return logs_.size(); }

 private:
  struct Log {
    std::string room;
    LogTop log;
    Retention retention;
    std::deque<PublicationPtr> publications;  // the last are the newest; the offsets have no holes
    std::int64_t written = 0;
  };
  using Logs = std::list<Log>;

  struct Key {
    std::string text;
    std::int64_t until;
  };

  Log& log_of(std::string_view room, std::int64_t now);
  void forget(Logs::iterator log);
  static void drop_old(Log& log, std::int64_t now);
  void sweep(std::int64_t now);
  void drop_old_keys(std::int64_t now);
  void remember_key(std::string text, const Position& position, std::int64_t now);

  Logs logs_;  // the one written last at the end
  boost::unordered_flat_map<std::string_view, Logs::iterator, protocol::NameHash, std::equal_to<>> by_room_;
  Logs::iterator swept_ = logs_.end();
  boost::unordered_flat_map<std::string, Position, protocol::NameHash, std::equal_to<>> keys_;
  std::deque<Key> keys_by_age_;
};

}  // namespace hearth::broker
