#pragma once

#include "net/file_descriptor.hpp"

#include <sys/socket.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace hearth::net {

/// Most pieces of memory that one system call writes.
inline constexpr std::size_t kMaxPiecesAWrite = 64;

/// What the bytes of one connection go through, in and out: its socket, which never blocks.
class Stream {
 public:
  Stream() noexcept = default;
  explicit Stream(FileDescriptor socket) noexcept : socket_(std::move(socket)) {}

  int fd() const noexcept { return socket_.get(); }
  explicit operator bool() const noexcept { return static_cast<bool>(socket_); }

  enum class Status : std::uint8_t {
    received,
    nothing,  ///< until epoll says that there is more
    ended,    ///< the peer sends no more
    broken,
  };
  struct Received {
    Status status;
    std::size_t size = 0;
  };
  /// Receives into the front of `buffer`.
  Received receive(std::span<char> buffer) noexcept {
    const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (got > 0) [[likely]]
      return {Status::received, static_cast<std::size_t>(got)};
    return got == 0 ? Received{Status::ended} : receive_again(buffer);
  }
  /// The same, and leaves it where it is.
  Received look(std::span<char> buffer) noexcept;

  /// How many bytes of the pieces, at most kMaxPiecesAWrite, have left: 0 when it takes none now, -1 when it is broken.
  ssize_t send(std::span<const std::string_view> pieces) noexcept {
    const ssize_t written = pieces.size() == 1
                                ? ::send(socket_.get(), pieces[0].data(), pieces[0].size(), MSG_NOSIGNAL | MSG_DONTWAIT)
                                : send_gathered(pieces);
    return written >= 0 ? written : send_again(pieces);
  }

  /// Tells the peer that nothing more comes.
  void end_sending() noexcept;
  /// Ends both directions, also for copies of the socket that a child process has.
  void close() noexcept;

 private:
  /// After an error, unless that was one.
  Received receive_again(std::span<char> buffer) noexcept;
  ssize_t send_gathered(std::span<const std::string_view> pieces) noexcept;
  ssize_t send_again(std::span<const std::string_view> pieces) noexcept;

  FileDescriptor socket_;
};

}  // namespace hearth::net
