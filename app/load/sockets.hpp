#pragma once

#include "net/address.hpp"
#include "net/file_descriptor.hpp"
#include "net/wakeup.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hearth::load {

/// One connection's socket, and what waits to be written to it.
struct Socket {
  net::FileDescriptor fd;
  std::string out;  ///< append to it, then call Sockets::write
  std::size_t written = 0;
  bool is_connecting = false;
  bool is_dirty = false;  ///< has something that is written out at the end of the turn
  bool is_full = false;   ///< takes no more for now
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
  /// `address` is what all connect to. Throws std::system_error if a descriptor cannot be had.
  Sockets(SocketEvents& events, const net::Address& address);

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
  void flush(Socket& socket);
  void read(Socket& socket);
  void lose(Socket& socket, std::string why);

  SocketEvents& events_;
  const net::Address address_;
  net::FileDescriptor epoll_;
  net::Wakeup wakeup_;
  std::vector<char> buffer_;
  std::vector<Socket*> dirty_;
};

}  // namespace hearth::load
