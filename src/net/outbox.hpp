#pragma once

#include "hearth/deflate_options.hpp"
#include "net/connection.hpp"
#include "net/counters.hpp"
#include "net/delivery_lag.hpp"
#include "net/sealer.hpp"
#include "net/stream.hpp"
#include "net/tick_log.hpp"
#include "tls/endpoint.hpp"
#include "websocket/deflate.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::net {

/// A message in the tick log: its plain frame, and the compressed frames that receivers needed so far.
class Outgoing {
 public:
  std::size_t size() const noexcept { return plain_.length; }

 private:
  friend class Outbox;
  // Of 9 to 15 bits (websocket::Deflater).
  static constexpr std::size_t kWindows = 7;
  static constexpr std::size_t window(std::size_t bits) noexcept { return bits - 9; }

  Segment plain_;
  std::uint64_t generation_ = 0;  // of the tick log
  std::uint32_t payload_ = 0;     // length of the payload, at the plain frame's end
  bool compressible_ = false;
  std::array<Segment, kWindows> compressed_{};  // by `window`; length 0: not made yet
};

/// Everything that leaves a loop: the tick log, who gets what of it, one write a connection a tick, and the backlog of
/// what sockets did not take. Used by the loop's thread alone.
class Outbox {
 public:
  struct Options {
    std::size_t backpressure_limit = 0;
    DeflateOptions deflate{};
  };

  /// What became of a message for a connection.
  enum class Sent : std::uint8_t { yes, not_open, dropped };

  Outbox(const Options& options, LoopCounters& counters, Sealer& sealer)
      : options_(options), counters_(counters), sealer_(sealer) {}

  void limit(std::size_t backlog) noexcept { options_.backpressure_limit = backlog; }

  /// Encodes a data message; `pieces` are its payload.
  Outgoing stage(websocket::Opcode opcode, std::span<const std::string_view> pieces);
  /// Whether a message that was staged before others can still be sent to somebody.
  bool holds(const Outgoing& message) const noexcept { return message.generation_ == log_.generation(); }

  /// Notes that an open connection gets it, unless its backlog is full.
  Sent send(Connection& connection, Outgoing& message) {
    return send(connection, message, options_.backpressure_limit);
  }
  /// The same with a limit of the caller's.
  Sent send(Connection& connection, Outgoing& message, std::size_t limit);
  /// Whether so much more may wait for it, or nothing else does: writes what waits now if it is too much.
  bool has_room(Connection& connection, std::size_t size, std::size_t limit);

  /// Notes a control frame, or raw bytes in front of the WebSocket stream (`append_raw`); these pass the limit.
  void send_control(Connection& connection, websocket::Opcode opcode, std::string_view payload);
  void send_raw(Connection& connection, std::string_view bytes);

  /// While no message is staged: writes everything if the tick log has grown past its limit.
  void relieve() {
    if (is_full()) flush_all();
  }
  /// Writes what waits for one connection now.
  void flush(Connection& connection);
  /// Writes everything, one write a connection. Afterwards the tick log is empty.
  void flush_all();
  /// Writes to as many connections as are good for one turn of the loop, in which `answers` connections may be owed
  /// one, so that output keeps up with input; the tick log is kept until the others, in later turns, have been written
  /// to.
  void flush_turn(std::size_t answers);
  /// The socket takes bytes again. Whether it has taken some.
  bool writable(Connection& connection);

  /// Takes records of a connection's TLS session, and writes them at once, behind what waits already.
  class Records final : public tls::RecordSink {
   public:
    Records(Outbox& outbox, Connection& connection) noexcept : outbox_(outbox), connection_(connection) {}
    void take(std::string_view records) override;
    /// Whether more follow, with which they can leave.
    void expect_more(bool expected) noexcept { expects_more_ = expected; }
    bool expects_more() const noexcept { return expects_more_; }

   private:
    Outbox& outbox_;
    Connection& connection_;
    bool expects_more_ = false;
  };

  /// Connections whose socket failed while writing, and those that have sent everything and are to finish
  /// (`Connection::finish_`), since the last call.
  std::vector<Connection*> take_finished() { return std::exchange(finished_, {}); }
  std::vector<Connection*> take_broken() { return std::exchange(broken_, {}); }
  /// How far writing is, over all turns.
  DeliveryLag::Progress progress() const noexcept { return {left_, left_ - left_over_.size(), at_once_}; }
  bool idle() const noexcept { return dirty_.empty() && left_over_.empty() && finished_.empty() && broken_.empty(); }

 private:
  static constexpr std::size_t kLogLimit = std::size_t{4} * 1024 * 1024;  // bytes
  static constexpr std::size_t kEntryLimit = std::size_t{256} * 1024;

  bool is_full() const noexcept { return log_.size() > kLogLimit || log_.entries() > kEntryLimit; }
  void make_room(Outgoing& message);
  Segment compressed_form(Connection& connection, Outgoing& message);
  Segment compress(Connection& connection, Outgoing& message);
  void note(Connection& connection, Segment segment);
  void note_unsealed(Connection& connection, const Outgoing& message);
  void mark_dirty(Connection& connection);
  void write_sealed(Connection& connection);
  bool seal_pending(Connection& connection);
  void write_pending(Connection& connection);
  bool write(Connection& connection, std::span<const std::string_view> pieces, std::size_t size, std::uint32_t next);
  void seal_records(Connection& connection);
  bool seal_piece(Connection& connection, std::string_view piece, Records& records);
  void gather(std::string_view plain);
  void keep_unsent(Connection& connection, std::span<const std::string_view> pieces, std::size_t sent,
                   std::uint32_t next);
  bool write_backlog(Connection& connection);
  template <class Connections>
  void flush_front(Connections& connections, std::size_t count);
  void flush_or_break(Connection& connection) noexcept;
  /// All that waited for it has left.
  void settled(Connection& connection) {
    connection.answering_ = false;
    if (connection.is_awaited()) [[unlikely]]
      finished_.push_back(&connection);
  }
  void broken(Connection& connection);

  Options options_;
  LoopCounters& counters_;
  Sealer& sealer_;
  TickLog log_;
  std::array<std::string_view, kMaxPiecesAWrite> pieces_;     // scratch of a write
  std::unique_ptr<std::array<char, tls::kMaxRecord>> plain_;  // scratch: what a record is made of, if it lies apart
  std::size_t gathered_ = 0;                                  // bytes there
  std::string sealed_;                                        // scratch: records that leave with the next one
  std::vector<Connection*> dirty_;                            // noted this turn
  std::deque<Connection*> left_over_;                         // of earlier turns, in that order
  std::uint64_t left_ = 0;                                    // that were ever among those
  std::uint64_t at_once_ = 0;  // that were written to in their own turn while others waited
  std::vector<Connection*> finished_;
  std::vector<Connection*> broken_;
  std::array<std::unique_ptr<websocket::Deflater>, Outgoing::kWindows> deflaters_;  // without context takeover
};

}  // namespace hearth::net
