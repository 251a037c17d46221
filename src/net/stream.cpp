#include "net/stream.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace hearth::net {

Stream::Received Stream::look(std::span<char> buffer) noexcept {
  ssize_t got = 0;
  do {
    got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_PEEK);
  } while (got < 0 && errno == EINTR);
  if (got > 0) return {Status::received, static_cast<std::size_t>(got)};
  if (got == 0) return {Status::ended};
  return {errno == EAGAIN || errno == EWOULDBLOCK ? Status::nothing : Status::broken};
}

Stream::Received Stream::receive_again(std::span<char> buffer) noexcept {
  if (errno == EINTR) return receive(buffer);
  return {errno == EAGAIN || errno == EWOULDBLOCK ? Status::nothing : Status::broken};
}

ssize_t Stream::send_gathered(std::span<const std::string_view> pieces) noexcept {
  std::array<iovec, kMaxPiecesAWrite> vectors;
  std::transform(pieces.begin(), pieces.end(), vectors.begin(), [](std::string_view piece) {
    return iovec{const_cast<char*>(piece.data()), piece.size()};
  });
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = pieces.size();
  return ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

ssize_t Stream::send_again(std::span<const std::string_view> pieces) noexcept {
  if (errno == EINTR) return send(pieces);
  return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
}

void Stream::end_sending() noexcept { ::shutdown(socket_.get(), SHUT_WR); }

void Stream::close() noexcept {
  if (!socket_) return;
  ::shutdown(socket_.get(), SHUT_RDWR);
  socket_.reset();
}

}  // namespace hearth::net
