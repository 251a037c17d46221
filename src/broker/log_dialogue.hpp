#pragma once

#include "broker/log_commands.hpp"
#include "broker/log_slot.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace hearth::broker {

/// What is asked over the connection to the logs, and what is answered in which order. Appends to one room that follow
/// each other are one command. For one thread.
class LogDialogue {
 public:
  /// Commands that are not answered yet. What comes meanwhile waits, and goes together where it can, which costs Redis
  /// less.
  static constexpr std::size_t kMostCommands = 64;
  /// Appends in one command: Redis does nothing else meanwhile.
  static constexpr std::size_t kMostTogether = 32;
  static constexpr std::size_t kMostTogetherBytes = std::size_t{64} * 1024;

  /// What a reply is to.
  enum class Expected : std::uint8_t {
    run_id,
    promotion,
    append_script,
    read_script,
    ping,
    asking,
    replicas,
    part,
    request,
    appends
  };

  bool is_full() const noexcept { return commands_ >= kMostCommands; }
  bool expects_nothing() const noexcept { return expected_.empty(); }
  /// `slot`: whose it is, if it is to what a slot has asked.
  void expect(Expected reply, LogSlot* slot = nullptr);
  struct Reply {
    Expected to;
    std::size_t appends = 0;  ///< how many it is to, if it is to any
    LogSlot* slot = nullptr;
  };
  /// What the reply that has come is to. Something has to be expected.
  Reply take();

  /// Adds one to those that go together, once those that it does not go with are in `batch`.
  void append(LogSlot& slot, const LogAppend& append, const LogNumber& number, std::size_t bytes, std::string& batch,
              const LogConnection& connection, std::int64_t now_ms);
  /// Has those in `batch` that were added.
  void end_command(std::string& batch, const LogConnection& connection, std::int64_t now_ms);
  /// The command that follows is for a node that does not have the slot yet.
  void say_asking(std::string& batch);
  /// Bytes of those that were added and are in no batch.
  std::size_t bytes() const noexcept { return bytes_; }

  /// The connection is gone.
  void lost();

 private:
  std::deque<Reply> expected_;
  std::size_t commands_ = 0;
  std::vector<NumberedAppend> together_;
  LogSlot* slot_ = nullptr;  // of those
  std::size_t bytes_ = 0;
};

}  // namespace hearth::broker
