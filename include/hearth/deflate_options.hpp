#pragma once

#include <cstddef>

namespace hearth {

/// Compression of messages, permessage-deflate (RFC 7692). Off by default: it costs memory and CPU time, and what is
/// small or already compressed gains nothing.
struct DeflateOptions {
  bool enabled = false;
  /// Without context takeover a message is compressed once for all its receivers and a client at rest holds no zlib
  /// state; with it every client has its own, 256 KiB and more.
  bool server_no_context_takeover = true;
  bool client_no_context_takeover = true;
  int server_max_window_bits = 15;  ///< 9 to 15: 2^n bytes of window for what the server sends
  int client_max_window_bits = 15;  ///< 8 to 15: asked of clients that can limit theirs
  int level = 6;                    ///< zlib's, 1 (fast) to 9 (small)
  std::size_t min_size = 1024;      ///< shorter messages are sent as they are
};

}  // namespace hearth
