#include "websocket/error.hpp"
#include "websocket/close_code.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace hearth::websocket {
namespace {

TEST(WebSocketError, HasACategoryAndAMessageOfItsOwnForEachRule) {
  std::set<std::string> messages;
  constexpr int kLast = static_cast<int>(Error::invalid_response);
  for (int value = 1; value <= kLast; ++value) {
    const std::error_code error = static_cast<Error>(value);
    EXPECT_STREQ(error.category().name(), "hearth.websocket");
    messages.insert(error.message());
  }
  EXPECT_EQ(messages.size(), static_cast<std::size_t>(kLast));
  EXPECT_FALSE(messages.contains(category().message(0)));
}

TEST(WebSocketError, IsToldToThePeerWithTheCloseCodeThatFits) {
  EXPECT_EQ(close_code_for(Error::message_too_big), close_code::kMessageTooBig);
  EXPECT_EQ(close_code_for(Error::invalid_utf8), close_code::kInvalidPayload);
  EXPECT_EQ(close_code_for(Error::invalid_deflate_data), close_code::kInvalidPayload);
  for (const Error error : {Error::unmasked_frame, Error::masked_frame, Error::reserved_bits, Error::reserved_opcode,
                            Error::fragmented_control, Error::control_too_long, Error::length_not_minimal,
                            Error::length_out_of_range, Error::unexpected_continuation, Error::unfinished_message,
                            Error::invalid_close_payload, Error::invalid_close_code}) {
    EXPECT_EQ(close_code_for(error), close_code::kProtocolError);
  }
}

}  // namespace
}  // namespace hearth::websocket
