// What Deflater makes of messages, Inflater opens to the same messages, at the limit and not below it. What it did not
// make is opened or refused, always in the same way and never past the limit.
//
// Input: flags, window and level, limit (2 bytes), then messages, each with its length (2 bytes) before it.

#include "input.hpp"
#include "require.hpp"
#include "websocket/deflate.hpp"
#include "websocket/error.hpp"

#include <string>

namespace {

using namespace hearth::websocket;
using hearth::fuzz::Input;
using hearth::fuzz::require;

std::string_view view(const Inflater::Result& result) { return {result.message.data(), result.message.size()}; }

void round_trip(Input& input, int window_bits, int level, bool reset) {
  Deflater deflater(window_bits, level);
  Inflater inflater(window_bits);
  while (!input.rest().empty()) {
    const std::string_view message = input.take(input.number());
    const std::string compressed(deflater.compress(message, reset));
    const Inflater::Result result = inflater.inflate(compressed, message.size(), reset);
    require(!result.error && view(result) == message, "inflate(deflate(x)) is x");
    if (reset && !message.empty()) {
      const Inflater::Result short_of = inflater.inflate(compressed, message.size() - 1, true);
      require(short_of.error == Error::message_too_big, "one byte too many is too big");
    }
  }
}

void open_anything(Input& input, int window_bits, bool reset, std::uint64_t limit) {
  Inflater first(window_bits);
  Inflater second(window_bits);
  while (!input.rest().empty()) {
    const std::string_view wire = input.take(input.number());
    const Inflater::Result result = first.inflate(wire, limit, reset);
    require(result.message.size() <= limit, "no message passes the limit");
    require(!result.error || result.error == Error::message_too_big || result.error == Error::invalid_deflate_data,
            "a failure says which");
    require(!result.error || result.message.empty(), "a failure gives nothing out");
    const Inflater::Result again = second.inflate(wire, limit, reset);
    require(again.error == result.error && view(again) == view(result), "the same data gives the same result");
    if (reset && !result.error && !result.message.empty()) {
      const std::size_t size = result.message.size();
      require(first.inflate(wire, size, true).message.size() == size, "a message fits a limit of its size");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const unsigned flags = input.byte();
  const unsigned parameters = input.byte();
  const int window_bits = 9 + static_cast<int>(parameters % 7U);
  const int level = 1 + static_cast<int>((parameters >> 4U) % 9U);
  const std::uint64_t limit = input.number();
  const bool reset = (flags & 2U) != 0;
  if ((flags & 1U) != 0) {
    round_trip(input, window_bits, level, reset);
  } else {
    open_anything(input, window_bits, reset, limit);
  }
  return 0;
}
