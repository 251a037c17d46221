#pragma once

#include "broker/log_commands.hpp"
#include "hearth/history.hpp"
#include "redis/resp.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::broker {

/// A question to the logs in Redis, until it is answered. For one thread at a time.
class LogRequest {
 public:
  /// What its reply says beside the answer.
  struct Notes {
    bool is_out_of_order = false;  ///< it is to be sent again
    bool is_refused = false;
    bool is_appended = false;  ///< something has come to be in a log
    bool is_branch = false;    ///< a branch began, of a log that there was
    std::string complaint{};   ///< a line for the log
    std::string retention{};   ///< another one that the log had before, as a complaint
  };

  LogRequest(std::string room, std::size_t bytes) : room_(std::move(room)), bytes_(bytes) {}
  virtual ~LogRequest() = default;
  LogRequest(const LogRequest&) = delete;
  LogRequest& operator=(const LogRequest&) = delete;

  const std::string& room() const noexcept { return room_; }
  std::size_t bytes() const noexcept { return bytes_; }
  /// What it appends; null if it does not. Such a question goes over the wire by `append_command`, with others like it.
  virtual const LogAppend* append() const noexcept { return nullptr; }
  /// Whether it goes to a node of a Cluster that does not have its slot yet.
  bool is_asking() const noexcept { return is_asking_; }
  void set_asking(bool is_asking) noexcept { is_asking_ = is_asking; }
  /// How many there will be, at least one.
  virtual std::size_t replies() const noexcept { return 1; }

  /// As any other goes over the wire, perhaps more than once; what was taken of its replies before does not count then.
  virtual std::string command(const LogConnection& /*connection*/, std::int64_t /*now_ms*/) { return {}; }
  /// Its next reply; `place` is its own in that, if it is to several appends.
  virtual Notes take(const redis::RespReply& reply, std::size_t place) = 0;
  /// Says what became of it. `is_replicated`: enough replicas have what it appended.
  virtual void tell(bool is_replicated) = 0;
  virtual void fail(HistoryError why) = 0;

 private:
  const std::string room_;
  const std::size_t bytes_;
  bool is_asking_ = false;
};

using LogRequestPtr = std::unique_ptr<LogRequest>;

LogRequestPtr append_request(LogAppend append, Done<Appended> done);
LogRequestPtr read_request(LogRead read, Done<LogPage> done);
LogRequestPtr tops_request(std::vector<std::string> rooms, Done<std::vector<LogTop>> done);
/// The same, each room by a request of its own: those that cannot be asked are not told (history::is_told).
std::vector<LogRequestPtr> top_requests(const std::vector<std::string>& rooms, Done<std::vector<LogTop>> done);
LogRequestPtr erase_request(const std::string& room, Done<void> done);

}  // namespace hearth::broker
