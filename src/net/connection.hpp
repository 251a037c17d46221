#pragma once

#include "net/deadline_list.hpp"
#include "net/stream.hpp"
#include "net/tick_log.hpp"
#include "tls/endpoint.hpp"
#include "websocket/deflate.hpp"
#include "websocket/message_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hearth::net {

/// The two deadlines that a connection waits for at any time: how long it may be in its present phase, and how long it
/// may be quiet.
struct PhaseDeadline;
struct QuietDeadline;

/// One WebSocket connection. Its loop owns it and does all that happens to it; what an application knows of a
/// connection it keeps in a class derived from this one.
///
/// At rest it holds no buffer: what came in is used up or lies in the loop's buffer, what goes out lies in the tick
/// log.
class Connection : public DeadlineHook<PhaseDeadline>, public DeadlineHook<QuietDeadline> {
 public:
  enum class Phase : std::uint8_t {
    securing,   ///< TLS is being agreed on
    upgrading,  ///< HTTP
    answering,  ///< HTTP: the application has the request and answers later
    open,       ///< WebSocket, both ways
    closing,    ///< our close frame is on its way or both are
    draining,   ///< nothing more to send; what still comes is discarded until the peer's end
    dead,       ///< no socket any more; deleted at the end of the tick
  };

  Connection() = default;
  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Phase phase() const noexcept { return phase_; }
  bool is_open() const noexcept { return phase_ == Phase::open; }
  /// It has not become a WebSocket yet, and may never.
  bool is_in_http() const noexcept { return phase_ <= Phase::answering; }
  /// Whether something has come of it that nobody has looked at yet. What waits because there is so much of it has
  /// been.
  bool is_unread() const noexcept { return readable_ && !busy_; }
  /// Whether the server itself holds back what it may have sent, so that its silence says nothing.
  bool input_waits() const noexcept { return readable_ || paused_by_application_ || paused_by_backlog_; }
  /// Whether bytes wait that the socket did not take, or a message was dropped since they began to wait.
  bool backpressured() const noexcept { return backlog_ != nullptr; }
  /// When the socket last took some of what waits; long ago, if it has not.
  TimePoint took_at() const noexcept { return backlog_ ? backlog_->took_at : TimePoint(); }
  /// That wait for it.
  std::size_t waiting_bytes() const noexcept { return pending_bytes_ + (backlog_ ? backlog_->size() : 0); }
  /// Says that what it is sent from now on answers what it sent itself, or no longer does: what it doesn't take of that
  /// holds back its input (docs/architecture.md, Backpressure).
  void expect_answers(bool expected) noexcept { expecting_answers_ = expected; }
  /// The other end, `192.0.2.1:5000`, or what a proxy says that is, perhaps without a port; empty when the socket is
  /// gone.
  std::string remote_address() const;
  /// What it has shown for who it is, if it was asked (TlsOptions::client_auth). Throws std::bad_alloc.
  std::optional<ClientCertificate> certificate() const;

  /// Whether Application::admits has been asked about it.
  bool was_admitted() const noexcept { return was_admitted_; }

  /// Begins to fetch into the cache what is needed to send it something.
  void prefetch() const noexcept {
    __builtin_prefetch(&stream_);
    __builtin_prefetch(&pending_);
  }

 protected:
  /// As if it had been upgraded; for tests of what is behind the loop.
  void open_for_test() noexcept { phase_ = Phase::open; }

 private:
  friend class Loop;
  friend class Outbox;

  /// Bytes that the socket did not take, `sent` of which have left since.
  struct Backlog {
    std::string bytes;
    std::size_t sent = 0;
    TimePoint took_at{};  // when some left last
    std::size_t size() const noexcept { return bytes.size() - sent; }
  };

  /// Received bytes that are not used yet, `used` of which are.
  struct HeldInput {
    std::string bytes;
    std::size_t used = 0;
    std::span<char> rest() noexcept { return std::span(bytes).subspan(used); }
  };

  /// What the bytes of some connections pass through: TLS next to the socket, and compression with context takeover;
  /// and where they come from, if a proxy has said so.
  struct Layers {
    std::string origin;
    tls::Endpoint tls;
    Clock::time_point handshake_began;  // if that has neither succeeded nor failed yet
    std::unique_ptr<websocket::Deflater> deflater;
    std::unique_ptr<websocket::Inflater> inflater;
  };

  /// Why it closed, for the application.
  struct CloseNote {
    std::uint16_t code;
    std::string reason;
  };

  /// Whether something is to be done as soon as nothing waits for its socket.
  bool is_awaited() const noexcept { return finish_ || paused_by_backlog_ || awaited_; }
  /// Whether nothing is to be read from it.
  bool is_paused() const noexcept { return paused_by_application_ || paused_by_backlog_; }
  bool speaks_tls() const noexcept { return layers_ && layers_->tls; }

  Stream stream_;
  Phase phase_ = Phase::upgrading;
  std::uint8_t deflate_bits_ : 4 = 0;  // window for what is sent; 0: no permessage-deflate
  bool reset_deflate_ : 1 = true;
  bool reset_inflate_ : 1 = true;
  bool readable_ : 1 = false;  // in Loop::readable_ or busy_
  bool busy_ : 1 = false;      // has more input than it gets time for in one turn
  bool dirty_ : 1 = false;     // in Outbox::dirty_ or left_over_
  bool reaped_ : 1 = false;    // in Loop::to_reap_
  bool opened_ : 1 = false;    // the application knows it
  bool expecting_answers_ : 1 = false;
  bool answering_ : 1 = false;  // this tick it was sent something because of what it sent itself
  bool finish_ : 1 = false;     // end the sending direction once everything has left
  bool paused_by_backlog_ : 1 = false;
  bool paused_by_application_ : 1 = false;
  bool awaited_ : 1 = false;  // the application is to be told when nothing waits for the socket
  bool pinged_ : 1 = false;
  bool peer_closed_ : 1 = false;  // its close frame came
  bool peer_ended_ : 1 = false;   // its direction of the socket has ended
  bool seals_ : 1 = false;        // messages to it leave encrypted
  bool is_announced_ : 1 = true;  // a proxy's header is not to come first
  bool was_admitted_ : 1 = false;

  websocket::MessageReader reader_;
  SegmentList pending_;
  std::size_t pending_bytes_ = 0;
  std::unique_ptr<Backlog> backlog_;
  std::unique_ptr<HeldInput> held_input_;  // an unfinished request, or input that waits for its turn
  std::unique_ptr<Layers> layers_;
  std::unique_ptr<CloseNote> close_note_;
};

}  // namespace hearth::net
