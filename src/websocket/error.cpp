#include "websocket/error.hpp"

#include "websocket/close_code.hpp"

#include <string>

namespace hearth::websocket {
namespace {

const char* message_for(Error error) noexcept {
  switch (error) {
    case Error::unmasked_frame:
      return "frame from a client is not masked";
    case Error::masked_frame:
      return "frame from a server is masked";
    case Error::reserved_bits:
      return "reserved bits are set without an extension that defines them";
    case Error::reserved_opcode:
      return "frame has a reserved opcode";
    case Error::fragmented_control:
      return "control frame is fragmented";
    case Error::control_too_long:
      return "control frame is longer than 125 bytes";
    case Error::length_not_minimal:
      return "payload length is not written in the fewest bytes";
    case Error::length_out_of_range:
      return "payload length has its top bit set";
    case Error::unexpected_continuation:
      return "continuation frame without a message to continue";
    case Error::unfinished_message:
      return "new message before the last fragment of the one before";
    case Error::message_too_big:
      return "message is larger than the limit";
    case Error::invalid_utf8:
      return "text is not valid UTF-8";
    case Error::invalid_close_payload:
      return "close frame has a payload of one byte";
    case Error::invalid_close_code:
      return "close frame has a code that must not be sent";
    case Error::invalid_deflate_data:
      return "compressed message cannot be inflated";
    case Error::invalid_response:
      return "server's answer is no valid WebSocket upgrade";
  }
  return "unknown WebSocket error";
}

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "hearth.websocket"; }
  std::string message(int value) const override { return message_for(static_cast<Error>(value)); }
};

}  // namespace

const std::error_category& category() noexcept {
  static const Category instance;
  return instance;
}

std::error_code make_error_code(Error error) noexcept { return {static_cast<int>(error), category()}; }

std::uint16_t close_code_for(Error error) noexcept {
  switch (error) {
    case Error::message_too_big:
      return close_code::kMessageTooBig;
    case Error::invalid_utf8:
    case Error::invalid_deflate_data:
      return close_code::kInvalidPayload;
    default:
      return close_code::kProtocolError;
  }
}

}  // namespace hearth::websocket
