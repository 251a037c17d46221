#include "websocket/message_reader.hpp"

#include "websocket/byte_buffer.hpp"
#include "websocket/close_code.hpp"
#include "websocket/deflate.hpp"
#include "websocket/frame_header.hpp"
#include "websocket/mask.hpp"
#include "websocket/utf8.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>

namespace hearth::websocket {
namespace {

std::string_view view(std::span<const char> bytes) noexcept { return {bytes.data(), bytes.size()}; }

/// Removes `size` bytes from the front of `input` and returns them.
std::span<char> take(std::span<char>& input, std::size_t size) noexcept {
  const std::span<char> front = input.first(size);
  input = input.subspan(size);
  return front;
}

/// Unmasks what a client sent. True if that showed the bytes to be ASCII; false says nothing.
bool unmask(std::span<char> bytes, MaskKey key, Role reader) noexcept {
  return reader == Role::server && apply_mask(bytes, key);
}

Event message_event(Opcode opcode, std::span<char> payload) noexcept {
  Event event;
  event.kind = Event::Kind::message;
  event.opcode = opcode;
  event.payload = payload;
  return event;
}

/// How many compressed bytes a message within the limit may take: a compressor that finds nothing to gain adds up to an
/// eighth, and a little for the blocks' headers.
std::uint64_t limit_on_wire(std::uint64_t max_message_size, bool compressed) noexcept {
  constexpr std::uint64_t kBlockHeaders = 256;
  if (!compressed) {
    return max_message_size;
  }
  const std::uint64_t extra = max_message_size / 8 + kBlockHeaders;
  return max_message_size > std::numeric_limits<std::uint64_t>::max() - extra
             ? std::numeric_limits<std::uint64_t>::max()
             : max_message_size + extra;
}

}  // namespace

struct MessageReader::Assembly {
  bool is_idle() const noexcept { return header_length == 0 && !in_frame && !in_message; }

  // The header of the next frame, as long as it is not complete.
  std::array<char, kMaxHeaderLength> header_bytes;
  std::uint8_t header_length = 0;

  // The frame whose header is read and whose payload is not complete.
  bool in_frame = false;
  FrameHeader frame;
  std::uint64_t received = 0;
  std::array<char, kMaxControlPayload> control;

  // The message whose last frame is not complete.
  bool in_message = false;
  FrameHeader first;  ///< of its first frame: the opcode, and whether it is compressed
  Utf8Validator utf8;
  ByteBuffer payload;
};

MessageReader::MessageReader() noexcept = default;
MessageReader::~MessageReader() = default;
MessageReader::MessageReader(MessageReader&&) noexcept = default;
MessageReader& MessageReader::operator=(MessageReader&&) noexcept = default;

std::size_t MessageReader::held_bytes() const noexcept {
  return assembly_ ? sizeof(Assembly) + assembly_->payload.capacity() : 0;
}

MessageReader::Assembly& MessageReader::assembly() {
  if (!assembly_) {
    assembly_ = std::make_unique<Assembly>();
  }
  return *assembly_;
}

Event MessageReader::next(std::span<char>& input, const ReaderContext& context) {
  if (assembly_ && (ended_ || assembly_->is_idle())) {
    assembly_.reset();
  }
  if (context.inflater != nullptr) {
    context.inflater->trim();
  }
  Event event;
  while (!ended_ && !input.empty() && event.kind == Event::Kind::need_more) {
    event = read_frame(input, context);
  }
  if (ended_) {
    input = input.last(0);
  }
  return event;
}

Event MessageReader::fail(std::error_code error, std::uint16_t code) {
  ended_ = true;
  assembly_.reset();
  Event event;
  event.kind = Event::Kind::failed;
  event.code = code;
  event.error = error;
  return event;
}

/// Reads up to the end of one frame or of the input.
Event MessageReader::read_frame(std::span<char>& input, const ReaderContext& context) {
  if (assembly_ && assembly_->in_frame) {
    return read_payload(input, context);
  }
  const HeaderResult result = take_header(input, context);
  if (result.failed()) {
    return fail(result.error);
  }
  if (result.size == 0) {
    return {};
  }
  const FrameHeader& frame = result.header;
  if (const Error error = check_place(frame, context); error != Error{}) {
    return fail(error);
  }

  const bool is_whole = input.size() >= frame.length;
  if (is_whole && is_control(frame.opcode)) {
    const std::span<char> payload = take(input, static_cast<std::size_t>(frame.length));
    unmask(payload, frame.key, context.role);
    return finish_control(frame.opcode, payload);
  }
  if (is_whole && frame.final && frame.opcode != Opcode::continuation) {
    return read_whole_message(input, frame, context);
  }
  begin_frame(frame);
  return read_payload(input, context);
}

/// Takes the next frame's header, or what there is of it, off the input.
HeaderResult MessageReader::take_header(std::span<char>& input, const ReaderContext& context) {
  const bool may_be_compressed = context.inflater != nullptr;
  if (!assembly_ || assembly_->header_length == 0) {
    const HeaderResult result = read_header(input, context.role, may_be_compressed);
    if (result.size != 0 || result.failed()) {
      input = input.subspan(result.size);
      return result;
    }
  }
  Assembly& held = assembly();
  const std::size_t before = held.header_length;
  const std::size_t added = std::min(input.size(), kMaxHeaderLength - before);
  std::memcpy(held.header_bytes.data() + before, input.data(), added);
  const std::span<const char> bytes(held.header_bytes.data(), before + added);
  const HeaderResult result = read_header(bytes, context.role, may_be_compressed);
  if (result.size == 0) {
    held.header_length = static_cast<std::uint8_t>(bytes.size());
    input = input.subspan(added);
  } else {
    held.header_length = 0;
    input = input.subspan(result.size - before);
  }
  return result;
}

/// The rules that hold between a frame and those before it, and the limit on the message that it belongs to.
Error MessageReader::check_place(const FrameHeader& frame, const ReaderContext& context) const noexcept {
  if (is_control(frame.opcode)) {
    return {};
  }
  const bool in_message = assembly_ && assembly_->in_message;
  const bool continues = frame.opcode == Opcode::continuation;
  if (continues != in_message) {
    return continues ? Error::unexpected_continuation : Error::unfinished_message;
  }
  const std::uint64_t so_far = in_message ? assembly_->payload.size() : 0;
  const bool compressed = in_message ? assembly_->first.compressed : frame.compressed;
  const std::uint64_t limit = limit_on_wire(context.max_message_size, compressed);
  return so_far > limit || frame.length > limit - so_far ? Error::message_too_big : Error{};
}

Event MessageReader::read_whole_message(std::span<char>& input, const FrameHeader& frame,
                                        const ReaderContext& context) {
  const std::span<char> payload = take(input, static_cast<std::size_t>(frame.length));
  const bool is_ascii = unmask(payload, frame.key, context.role);
  if (frame.compressed) {
    return open_compressed(frame.opcode, payload, context);
  }
  if (frame.opcode == Opcode::text && !is_ascii && !is_valid_utf8(view(payload))) {
    return fail(Error::invalid_utf8);
  }
  return message_event(frame.opcode, payload);
}

/// The assembly is new when a message begins, for `next` frees an idle one.
void MessageReader::begin_frame(const FrameHeader& frame) {
  Assembly& held = assembly();
  held.in_frame = true;
  held.frame = frame;
  held.received = 0;
  if (!is_control(frame.opcode) && !held.in_message) {
    held.in_message = true;
    held.first = frame;
  }
}

/// Moves what there is of the current frame's payload into the assembly.
Event MessageReader::read_payload(std::span<char>& input, const ReaderContext& context) {
  Assembly& held = *assembly_;
  const std::uint64_t missing = held.frame.length - held.received;
  const std::span<char> piece = take(input, static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), missing)));
  unmask(piece, rotated(held.frame.key, held.received), context.role);
  if (is_control(held.frame.opcode)) {
    std::copy(piece.begin(), piece.end(), held.control.begin() + static_cast<std::ptrdiff_t>(held.received));
  } else {
    const bool is_plain_text = held.first.opcode == Opcode::text && !held.first.compressed;
    if (is_plain_text && !held.utf8.feed(view(piece))) {
      return fail(Error::invalid_utf8);
    }
    const std::uint64_t whole = held.frame.final ? held.payload.size() + missing
                                                 : limit_on_wire(context.max_message_size, held.first.compressed);
    held.payload.append(view(piece), whole);
  }
  held.received += piece.size();
  return held.received == held.frame.length ? finish_frame(context) : Event{};
}

Event MessageReader::finish_frame(const ReaderContext& context) {
  Assembly& held = *assembly_;
  held.in_frame = false;
  if (is_control(held.frame.opcode)) {
    return finish_control(held.frame.opcode, std::span(held.control).first(static_cast<std::size_t>(held.received)));
  }
  if (!held.frame.final) {
    return {};
  }
  held.in_message = false;
  if (held.first.compressed) {
    return open_compressed(held.first.opcode, held.payload.bytes(), context);
  }
  if (held.first.opcode == Opcode::text && !held.utf8.is_complete()) {
    return fail(Error::invalid_utf8);
  }
  return message_event(held.first.opcode, held.payload.bytes());
}

Event MessageReader::open_compressed(Opcode opcode, std::span<char> compressed, const ReaderContext& context) {
  if (context.inflater == nullptr) {
    return fail(Error::reserved_bits);
  }
  const Inflater::Result result =
      context.inflater->inflate(view(compressed), context.max_message_size, context.reset_inflater);
  if (result.error) {
    return fail(result.error, close_code_for(static_cast<Error>(result.error.value())));
  }
  if (opcode == Opcode::text && !is_valid_utf8(view(result.message))) {
    return fail(Error::invalid_utf8);
  }
  return message_event(opcode, result.message);
}

Event MessageReader::finish_control(Opcode opcode, std::span<char> payload) {
  Event event;
  event.opcode = opcode;
  event.payload = payload;
  if (opcode != Opcode::close) {
    event.kind = opcode == Opcode::ping ? Event::Kind::ping : Event::Kind::pong;
    return event;
  }
  event.kind = Event::Kind::close;
  event.code = close_code::kNoStatus;
  if (payload.size() == 1) {
    return fail(Error::invalid_close_payload);
  }
  if (payload.size() >= 2) {
    event.code = static_cast<std::uint16_t>((static_cast<unsigned char>(payload[0]) << 8U) |
                                            static_cast<unsigned char>(payload[1]));
    event.payload = payload.subspan(2);
    if (!may_be_sent(event.code)) {
      return fail(Error::invalid_close_code);
    }
    if (!is_valid_utf8(view(event.payload))) {
      return fail(Error::invalid_utf8);
    }
  }
  ended_ = true;
  return event;
}

}  // namespace hearth::websocket
