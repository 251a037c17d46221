#pragma once

#include "hearth/history.hpp"
#include "redis/resp.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// What is said to Redis of the logs of rooms, and what it answers (docs/protocol.md, section 3).
namespace hearth::broker {

/// The key of a room's `meta`, `log` or `once:…`. The name stands in braces, so that all of a room's lie together in a
/// Cluster, with its own braces and `%` written as `%7B`, `%7D` and `%25`.
std::string log_key(std::string_view room, std::string_view what);

/// What is the same for all questions over a connection.
struct LogConnection {
  /// Of the server process, and where its time as a master began if it was a replica before; empty: not to be compared.
  std::string run_id{};
  std::string append{};  ///< names of the scripts
  std::string read{};
  std::chrono::milliseconds meta_ttl{};
};

/// A publication that is to be appended.
struct LogAppend {
  std::string room;
  std::string envelope;  ///< without its last brace
  Retention retention;
  std::string idempotency_key;  ///< empty: none
  std::int64_t time_ms;
};

/// Under which number, so that it is recognised.
struct LogNumber {
  std::string_view publisher;
  std::uint64_t sequence;
  std::uint64_t previous;  ///< has to be there first; 0: none
};

struct LogRead {
  std::string room;
  std::uint64_t after;
  std::size_t count;
};

/// What is to be appended under which number.
struct NumberedAppend {
  const LogAppend* append;
  LogNumber number;
};

/// Whether one append can go with another in one command.
bool goes_with(const LogAppend& first, const LogAppend& next) noexcept;
/// One or several that go with each other, of one publisher; their order is that of the log.
redis::RespCommand append_command(const LogConnection& connection, std::span<const NumberedAppend> appends,
                                  std::int64_t now_ms);
redis::RespCommand read_command(const LogConnection& connection, const LogRead& read, std::int64_t now_ms);
redis::RespCommand top_command(std::string_view room);
redis::RespCommand erase_command(std::string_view room);

struct AppendReply {
  bool is_out_of_order = false;  ///< another has to be there first
  Appended appended{};
  bool is_branch = false;              ///< with it a branch began, of a log that there was
  std::string_view other_retention{};  ///< `size ttl` that the log had before, if it is another
};

struct ReadReply {
  LogPage page{};
  bool is_branch = false;
  bool is_damaged = false;  ///< something in it is no publication; the page has what is before or after it
};

// Nothing if it is no such reply.

/// `place` is that of the append in its command, from 0.
std::optional<AppendReply> read_append_reply(const redis::RespReply& reply, std::size_t place = 0);
std::optional<ReadReply> read_page_reply(const redis::RespReply& reply, std::string_view room);
std::optional<LogTop> read_top_reply(const redis::RespReply& reply);
/// From the reply to INFO server; empty if it is none.
std::string read_run_id(const redis::RespReply& info);
/// From the reply to INFO replication: the offset at which a replica came to be this master; empty if it was none.
std::string read_promotion(const redis::RespReply& info);

}  // namespace hearth::broker
