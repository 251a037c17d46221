#include "net/stream.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace hearth::net {

Stream::Received Stream::look(std::span<char> buffer) noexcept { return take(buffer, MSG_PEEK); }

Stream::Received Stream::take(std::span<char> buffer, int flags) noexcept {
  ssize_t got = 0;
  do {
    got = ::recv(socket_.get(), buffer.data(), buffer.size(), flags);
  } while (got < 0 && errno == EINTR);
  if (got > 0) return {Status::received, static_cast<std::size_t>(got)};
  if (got == 0) return {Status::ended};
  return {errno == EAGAIN || errno == EWOULDBLOCK ? Status::nothing : Status::broken};
}

ssize_t Stream::send(std::span<const std::string_view> pieces) noexcept {
  ssize_t written = 0;
  do {
    if (pieces.size() == 1) {
      written = ::send(socket_.get(), pieces[0].data(), pieces[0].size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    } else {
      std::array<iovec, kMaxPiecesAWrite> vectors;
      std::transform(pieces.begin(), pieces.end(), vectors.begin(), [](std::string_view piece) {
        return iovec{const_cast<char*>(piece.data()), piece.size()};
      });
      msghdr message{};
      message.msg_iov = vectors.data();
      message.msg_iovlen = pieces.size();
      written = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
  } while (written < 0 && errno == EINTR);
  if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return 0;
  return written;
}

void Stream::end_sending() noexcept { ::shutdown(socket_.get(), SHUT_WR); }

void Stream::close() noexcept {
  if (!socket_) return;
  ::shutdown(socket_.get(), SHUT_RDWR);
  socket_.reset();
}

}  // namespace hearth::net
