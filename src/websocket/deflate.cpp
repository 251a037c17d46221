#include "websocket/deflate.hpp"

#include "websocket/byte_buffer.hpp"
#include "websocket/error.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>
#include <stdexcept>

namespace hearth::websocket {
namespace {

/// Output memory that is kept from one message to the next.
constexpr std::size_t kKeptOutput = 16 * 1024;
constexpr std::size_t kFirstOutput = 4 * 1024;

/// What a sync flush ends with and a message does not carry (RFC 7692, 7.2.1).
constexpr std::string_view kTail("\x00\x00\xff\xff", 4);

/// An empty message: the first byte of an empty stored block (RFC 7692, 7.2.3.6).
constexpr std::string_view kEmptyMessage("\x00", 1);

/// Most that zlib, which counts in 32 bits, is given at once.
constexpr std::size_t kMaxPart = std::size_t{1} << 30U;

void check_memory(int code) {
  if (code == Z_MEM_ERROR) {
    throw std::bad_alloc();
  }
}

void check_zlib(int code) {
  check_memory(code);
  if (code != Z_OK) {
    throw std::runtime_error("zlib cannot be set up for permessage-deflate");
  }
}

void trim_output(ByteBuffer& output) noexcept {
  if (output.capacity() > kKeptOutput) {
    output.clear();
  }
}

/// Gives zlib the front of `input` to read and returns how much of it. (It takes no const, but does not write there.)
std::size_t set_input(z_stream& stream, std::string_view input) noexcept {
  const std::size_t size = std::min(input.size(), kMaxPart);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream.avail_in = static_cast<uInt>(size);
  return size;
}

/// Gives zlib the front of `output` to write to and returns how much of it.
std::size_t set_output(z_stream& stream, std::span<char> output) noexcept {
  const std::size_t size = std::min(output.size(), kMaxPart);
  stream.next_out = reinterpret_cast<Bytef*>(output.data());
  stream.avail_out = static_cast<uInt>(size);
  return size;
}

}  // namespace

struct Deflater::Stream {
  Stream(int bits, int effort) : window_bits(bits), level(effort) {}
  ~Stream() { deflateEnd(&zlib); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void prepare(bool reset) {
    if (is_ready) {
      if (reset) {
        deflateReset(&zlib);
      }
      return;
    }
    constexpr int kMemoryLevel = 8;
    check_zlib(deflateInit2(&zlib, level, Z_DEFLATED, -window_bits, kMemoryLevel, Z_DEFAULT_STRATEGY));
    is_ready = true;
  }

  /// Compresses one part, all of it if `flush` is Z_SYNC_FLUSH.
  void run(std::string_view part, int flush) {
    set_input(zlib, part);
    do {
      if (output.spare().empty()) {
        output.grow(std::max(output.size() + 1, kFirstOutput), std::numeric_limits<std::uint64_t>::max());
      }
      const std::size_t room = set_output(zlib, output.spare());
      ::deflate(&zlib, flush);
      output.commit(room - zlib.avail_out);
    } while (zlib.avail_out == 0);
  }

  const int window_bits;
  const int level;
  bool is_ready = false;
  z_stream zlib{};
  ByteBuffer output;
};

Deflater::Deflater(int window_bits, int level) : stream_(std::make_unique<Stream>(window_bits, level)) {
  if (window_bits < 9 || window_bits > 15 || level < 1 || level > 9) {
    throw std::invalid_argument("permessage-deflate: the window has 9 to 15 bits and the level is 1 to 9");
  }
}

Deflater::~Deflater() = default;

std::string_view Deflater::compress(std::string_view message, bool reset) {
  trim();
  stream_->output.clear(kKeptOutput);
  if (message.empty()) {
    return kEmptyMessage;
  }
  stream_->prepare(reset);
  while (message.size() > kMaxPart) {
    stream_->run(message.substr(0, kMaxPart), Z_NO_FLUSH);
    message.remove_prefix(kMaxPart);
  }
  stream_->run(message, Z_SYNC_FLUSH);
  const std::span<char> output = stream_->output.bytes();
  return {output.data(), output.size() - kTail.size()};
}

void Deflater::trim() noexcept { trim_output(stream_->output); }

struct Inflater::Stream {
  explicit Stream(int bits) : window_bits(bits) {}
  ~Stream() { inflateEnd(&zlib); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void prepare(bool reset) {
    if (!is_ready) {
      check_zlib(inflateInit2(&zlib, -window_bits));
      is_ready = true;
    } else if (reset || is_broken) {
      inflateReset(&zlib);
    }
    is_broken = false;
  }

  /// Where the next output goes: up to the limit into the buffer, then to one byte that shows the limit to be passed.
  std::span<char> room() {
    if (output.spare().empty() && output.size() < limit) {
      output.grow(std::max(output.size() + 1, kFirstOutput), limit);
    }
    const std::size_t allowed = std::min<std::uint64_t>(output.spare().size(), limit - output.size());
    return allowed > 0 ? output.spare().first(allowed) : std::span(&overflow, 1);
  }

  /// Feeds zlib until it has used `input` up and given out everything that it makes of it.
  Error run(std::string_view input, int flush) {
    for (;;) {
      const std::size_t given = set_input(zlib, input);
      const std::span<char> space = room();
      const std::size_t asked = set_output(zlib, space);
      const int code = ::inflate(&zlib, flush);
      input.remove_prefix(given - zlib.avail_in);
      const std::size_t written = asked - zlib.avail_out;
      if (written > 0 && space.data() == &overflow) {
        return Error::message_too_big;
      }
      output.commit(written);
      at_stream_end = code == Z_STREAM_END;
      if (at_stream_end) {
        // A block marked as the last one ends zlib's stream but not the message; the window stays (RFC 7692, 7.2.3.4).
        ::inflateResetKeep(&zlib);
        if (input.empty()) {
          return {};
        }
      } else if (code == Z_OK || code == Z_BUF_ERROR) {
        if (input.empty() && zlib.avail_out > 0) {
          return {};
        }
      } else {
        check_memory(code);
        return Error::invalid_deflate_data;
      }
    }
  }

  /// Opens a message. The tail has to complete an empty stored block and nothing else, or the message was cut off.
  Error open(std::string_view compressed) {
    if (compressed.empty()) {
      return {};
    }
    if (const Error error = run(compressed, Z_NO_FLUSH); error != Error{} || at_stream_end) {
      return error;
    }
    const std::size_t before = output.size();
    if (const Error error = run(kTail, Z_BLOCK); error != Error{}) {
      return error;
    }
    constexpr int kAfterBlock = 128;
    const bool is_complete = output.size() == before && (zlib.data_type & kAfterBlock) != 0;
    return is_complete ? Error{} : Error::invalid_deflate_data;
  }

  const int window_bits;
  bool is_ready = false;
  bool is_broken = false;
  bool at_stream_end = false;
  char overflow = 0;
  std::uint64_t limit = 0;
  z_stream zlib{};
  ByteBuffer output;
};

Inflater::Inflater(int window_bits) : stream_(std::make_unique<Stream>(window_bits)) {
  if (window_bits < 8 || window_bits > 15) {
    throw std::invalid_argument("permessage-deflate: the window has 8 to 15 bits");
  }
}

Inflater::~Inflater() = default;

Inflater::Result Inflater::inflate(std::string_view compressed, std::uint64_t max_size, bool reset) {
  trim();
  stream_->prepare(reset);
  stream_->output.clear(kKeptOutput);
  stream_->limit = max_size;
  if (const Error error = stream_->open(compressed); error != Error{}) {
    stream_->is_broken = true;
    stream_->output.clear();
    return {{}, error};
  }
  return {stream_->output.bytes(), {}};
}

void Inflater::trim() noexcept { trim_output(stream_->output); }

}  // namespace hearth::websocket
