#pragma once

#include "net/address.hpp"
#include "net/file_descriptor.hpp"
#include "net/wakeup.hpp"
#include "tls/endpoint.hpp"

#include <boost/asio/ssl/context.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::load {

/// How sockets speak TLS.
struct SocketTls {
  std::shared_ptr<boost::asio::ssl::context> context;
  std::string host;
};

/// `host` is a name or an IP address, which the server's certificate must be for. Authorities are those of a PEM file,
/// or the system's if that is empty; or anybody is trusted. Throws std::invalid_argument if the file is bad.
SocketTls make_socket_tls(std::string host, const std::string& ca_file, bool trusts_anybody);

/// One connection's socket, and what waits to be written to it.
struct Socket {
  net::FileDescriptor fd;
  std::string out;          ///< append to it, then call Sockets::write
  std::size_t written = 0;  ///< of `out`, or with TLS of `records`
  tls::Endpoint tls;        ///< none if it is plain
  std::string records;      ///< what waits, sealed
  bool is_connecting = false;
  bool is_securing = false;  ///< its TLS handshake is not done
  bool is_dirty = false;     ///< has something that is written out at the end of the turn
  bool is_full = false;      ///< takes no more for now
};

/// Who is told what happens to sockets.
class SocketEvents {
 public:
  virtual void connected(Socket& socket) = 0;
  /// `bytes` may be overwritten, and are gone after the call.
  virtual void received(Socket& socket, std::span<char> bytes) = 0;
  /// It could not connect, or its connection broke or was ended. Its socket is closed.
  virtual void lost(Socket& socket, std::string why) = 0;

 protected:
  ~SocketEvents() = default;
};

/// Connects, reads and writes the sockets of one thread. All calls come from that.
class Sockets {
 public:
  /// `address` is what all connect to, with TLS if there is any. Throws std::system_error if a descriptor cannot be
  /// had.
  Sockets(SocketEvents& events, const net::Address& address, std::optional<SocketTls> tls = std::nullopt);

  void connect(Socket& socket);
  /// Takes over a socket that is connected.
  void adopt(Socket& socket, net::FileDescriptor fd);
  /// What was appended to its `out` leaves at the next flush().
  void write(Socket& socket) {
    if (socket.is_dirty) return;
    socket.is_dirty = true;
    dirty_.push_back(&socket);
  }
  void flush();
  /// Without a word to the other side, and without an event.
  void close(Socket& socket) noexcept;

  /// Waits for events, that long at most, and handles those that have come.
  void wait(std::uint64_t nanoseconds);
  /// Ends a wait(), from any thread.
  const net::Wakeup& wakeup() const noexcept { return wakeup_; }

 private:
  void watch(Socket& socket, std::uint32_t events, int operation);
  void finish_connecting(Socket& socket);
  void fail_to_connect(Socket& socket, int error);
  void begin_tls(Socket& socket);
  void shake_hands(Socket& socket, std::string_view& received);
  void open_records(Socket& socket, std::string_view received);
  bool seal(Socket& socket);
  void flush(Socket& socket);
  void read(Socket& socket);
  void lose(Socket& socket, std::string why);

  SocketEvents& events_;
  const net::Address address_;
  const std::optional<SocketTls> tls_;
  net::FileDescriptor epoll_;
  net::Wakeup wakeup_;
  std::vector<char> buffer_;
  std::vector<char> opened_;  // of what TLS brings; empty without
  std::vector<Socket*> dirty_;
};

}  // namespace hearth::load
