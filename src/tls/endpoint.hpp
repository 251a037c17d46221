#pragma once

#include "hearth/tls.hpp"
#include "tls/pointers.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace hearth::tls {

/// Most bytes of what is said that one record holds (RFC 8446, 5.1).
inline constexpr std::size_t kMaxRecord = 16384;
/// Most bytes of a record beyond that: its head, what the cipher adds, and TLS 1.2's nonce.
inline constexpr std::size_t kMaxRecordOverhead = 256 + 5;
/// Most bytes that the other side may send before the handshake is done.
inline constexpr std::size_t kMaxHandshake = std::size_t{32} * 1024;
/// The first byte of what a TLS client sends: the type of a handshake's records (RFC 8446, 5.1).
inline constexpr char kHandshakeRecord = 0x16;

/// Where an endpoint leaves the records that it makes, in the order in which they have to go.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  /// One or more records; good during the call.
  virtual void take(std::string_view records) = 0;
};

/// One end of a TLS connection: bytes in, bytes out; no socket, no clock. For one thread. What a sink throws
/// comes out of the call that it was given to; the endpoint is then of no more use.
class Endpoint {
 public:
  /// None.
  Endpoint() noexcept = default;
  /// `ssl` knows which of the ends it is; `context` is what it refers to, and is held on to. Throws std::bad_alloc.
  Endpoint(SslPointer ssl, std::shared_ptr<const void> context);

  explicit operator bool() const noexcept { return ssl_ != nullptr; }

  enum class Progress : std::uint8_t {
    waiting,  ///< for more from the other side
    done,
    failed,    ///< take_error says why; the sink has an alert for the other side
    too_long,  ///< more than kMaxHandshake
  };
  /// Goes on with the handshake with what has come, which it takes from the front of `received`.
  Progress shake_hands(std::string_view& received, RecordSink& sink);

  enum class Opened : std::uint8_t {
    good,
    ended,   ///< the other side says no more (close_notify)
    failed,  ///< as above
  };
  struct Result {
    Opened status;
    std::size_t size;  ///< of what was opened, also before an end or a failure
  };
  /// Opens records into the front of `plain`, which has room for kMaxRecord bytes more than `received` is long. A
  /// record that has not come whole is kept.
  Result open(std::string_view received, std::span<char> plain, RecordSink& sink);
  /// Whether the other side has said that it says no more.
  bool has_ended() const noexcept;

  /// Makes a record of at most kMaxRecord bytes. False: take_error says why.
  bool seal(std::string_view plain, RecordSink& sink);
  /// Tells the other side that nothing more comes (close_notify), once.
  void end(RecordSink& sink);

  /// Of TLS, once it has been agreed on: with the cipher, which comes after it.
  std::optional<TlsVersion> version() const noexcept;
  /// Whether a ticket took the place of a whole handshake.
  bool was_resumed() const noexcept;
  /// Whether the handshake failed over the client's certificate.
  bool refused_certificate() const noexcept;
  /// The client's certificate, if it has shown one; it has been verified.
  std::optional<ClientCertificate> client_certificate() const;

 private:
  struct Exchange;
  class Call;

  static int write_records(BIO* bio, const char* bytes, std::size_t size, std::size_t* written);
  static int read_records(BIO* bio, char* bytes, std::size_t size, std::size_t* got);
  static const BIO_METHOD* method();

  std::shared_ptr<const void> context_;
  SslPointer ssl_;
  BIO* bio_ = nullptr;  // of ssl_
  std::uint32_t handshake_bytes_ = 0;
};

}  // namespace hearth::tls
