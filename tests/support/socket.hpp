#pragma once

#include "net/file_descriptor.hpp"
#include "support/patience.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace hearth::test {

/// Connects to `127.0.0.1:80`, `[::1]:80` or `unix:/path`. `receive_buffer` limits what the kernel takes in for it, in
/// bytes; 0 leaves that to the kernel. Throws std::system_error.
net::FileDescriptor connect_to(const std::string& address, int receive_buffer = 0);

/// A socket that listens on a free port of 127.0.0.1, and does not block.
struct LoopbackListener {
  LoopbackListener();
  net::FileDescriptor fd;
  std::uint16_t port = 0;
};

/// Writes all of it to a blocking socket; false if the other end is gone. Throws when it takes longer than kPatience.
bool write_all(int fd, std::string_view bytes);

/// Appends what has come, waiting for some until the deadline. False at the end of the stream or when it was reset.
/// Throws std::runtime_error when nothing comes.
bool read_some(int fd, std::string& bytes, const Deadline& deadline);

}  // namespace hearth::test
