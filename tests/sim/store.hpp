#pragma once

#include "hearth/history.hpp"
#include "sim/event_queue.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hearth::sim {

/// What is to be appended, as a node has it.
struct Draft {
  std::uint32_t room = 0;
  std::uint64_t key = 0;         ///< names the publication in the records; 0: none
  std::uint64_t once = 0;        ///< idempotency key; 0: none
  std::uint32_t publisher = 0;   ///< in the records
  std::uint32_t connection = 0;  ///< of the client that waits for the answer, plus 1
  std::uint32_t excluded = 0;    ///< client that is left out, plus 1
  std::uint32_t attempt = 0;     ///< of the client to publish it
  bool conflates = false;        ///< under the one key that there is
};

/// What a connection knows of the process that it is to.
struct Process {
  std::uint64_t id = 0;        ///< 0: it is not to be compared
  std::uint64_t promoted = 0;  ///< how much had been written when it became a master; 0: it never was a replica

  bool operator==(const Process&) const = default;
};

/// The logs that one server has, and what its scripts `append` and `read` do to them.
class Logs {
 public:
  struct Context {
    Process process{};
    Epoch new_epoch{};
    std::int64_t now_ms = 0;
    Retention retention{};
    std::uint32_t trim_slack = 0;
  };
  struct Appending {
    const Draft* draft = nullptr;
    std::uint32_t node = 0;  ///< field of the publisher
    std::uint64_t sequence = 0;
    std::uint64_t previous = 0;  ///< of the node's last one in the room that is not answered
    std::span<const std::string> exclude{};
  };
  /// Told when a branch begins: (room, branch, parent).
  using OnBranch = std::function<void(std::uint32_t, const Branch&, Epoch)>;

  Logs(std::size_t rooms, OnBranch on_branch) : on_branch_(std::move(on_branch)), logs_(rooms) {}

  struct Outcome {
    bool is_out_of_order = false;  ///< another of the node's is missing that comes first
    bool is_branch = false;        ///< with it a branch began, of a log that there was
    Appended appended{};
    PublicationPtr publication{};  ///< if it is new
  };
  Outcome append(const Context& context, const Appending& what);
  struct Page {
    LogPage page;
    bool is_branch = false;  ///< as of an append
  };
  Page read(std::uint32_t room, const Context& context, std::uint64_t after, std::size_t count, std::size_t page_fits);
  LogTop top(std::uint32_t room) const;
  /// What has changed them, counted as a replica counts what it has been sent.
  std::uint64_t written() const noexcept { return written_; }

  void flush();
  void evict_meta(std::uint32_t room);
  void evict_log(std::uint32_t room) { logs_[room].entries.clear(); }
  void erase(std::uint32_t room);

 private:
  struct Log {
    LogTop log;  // no lineage: there is no meta
    Process process{};
    std::vector<std::pair<std::uint32_t, std::uint64_t>> sequences;  // by node
    std::deque<PublicationPtr> entries;
    Retention retention;
  };

  bool touch(std::uint32_t room, const Context& context);
  static std::uint64_t& sequence_of(Log& log, std::uint32_t node);
  static void drop_old(Log& log, std::int64_t now_ms);

  OnBranch on_branch_;
  std::vector<Log> logs_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, Position> once_;
  std::uint64_t written_ = 0;
};

/// Names of rooms and what else is a text in the product and a number here.
std::string room_name(std::uint32_t room);
std::uint32_t room_number(std::string_view name);
std::string client_name(std::uint32_t client);

}  // namespace hearth::sim
