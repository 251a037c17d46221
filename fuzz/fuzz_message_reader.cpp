// Whatever a peer sends, MessageReader gives the same events for every way in which it is cut, keeps to the limits, and
// says nothing more after a close or a broken rule.
//
// Input: flags, limit (2 bytes), seed of the cuts, then what the peer sends.

#include "input.hpp"
#include "require.hpp"
#include "websocket/close_code.hpp"
#include "websocket/deflate.hpp"
#include "websocket/error.hpp"
#include "websocket/message_reader.hpp"
#include "websocket/utf8.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace hearth::websocket;
using hearth::fuzz::require;

struct Seen {
  Event::Kind kind;
  Opcode opcode;
  std::uint16_t code;
  std::string payload;
  std::error_code error;

  bool operator==(const Seen&) const = default;
};

struct Settings {
  Role role;
  bool deflate;
  bool reset;
  std::uint64_t limit;
};

void check_event(const Seen& seen, const Settings& settings) {
  switch (seen.kind) {
    case Event::Kind::message:
      require(seen.opcode == Opcode::text || seen.opcode == Opcode::binary, "a message is text or binary");
      require(seen.payload.size() <= settings.limit, "a message keeps to the limit");
      require(seen.opcode != Opcode::text || is_valid_utf8(seen.payload), "text is UTF-8");
      break;
    case Event::Kind::ping:
    case Event::Kind::pong:
      require(seen.payload.size() <= kMaxControlPayload, "a control frame has 125 bytes at most");
      break;
    case Event::Kind::close:
      require(seen.code == close_code::kNoStatus || may_be_sent(seen.code), "a close code may be sent");
      require(is_valid_utf8(seen.payload), "a close reason is UTF-8");
      break;
    case Event::Kind::failed:
      require(seen.error.category() == category(), "a failure names the rule");
      require(seen.code == close_code_for(static_cast<Error>(seen.error.value())), "a failure has its close code");
      break;
    case Event::Kind::need_more:
      require(false, "need_more is no event");
  }
}

class Reading {
 public:
  explicit Reading(const Settings& settings) : settings_(settings) {}

  void feed(std::string_view piece) {
    fed_ += piece.size();
    std::vector<char> memory(piece.begin(), piece.end());
    std::span<char> input(memory);
    const ReaderContext context{settings_.role, settings_.limit, settings_.deflate ? &inflater_ : nullptr,
                                settings_.reset};
    for (;;) {
      const Event event = reader_.next(input, context);
      if (event.kind == Event::Kind::need_more) {
        require(input.empty(), "need_more means that the input is used up");
        break;
      }
      require(!has_ended_, "nothing follows a close or a broken rule");
      has_ended_ = event.kind == Event::Kind::close || event.kind == Event::Kind::failed;
      events_.push_back(
          {event.kind, event.opcode, event.code, {event.payload.begin(), event.payload.end()}, event.error});
      check_event(events_.back(), settings_);
      std::fill(event.payload.begin(), event.payload.end(), '\xee');
    }
    require(reader_.held_bytes() <= 1024 + 2 * fed_, "memory is held for what has arrived");
  }

  const std::vector<Seen>& events() const { return events_; }

 private:
  const Settings settings_;
  Inflater inflater_{15};
  MessageReader reader_;
  std::vector<Seen> events_;
  std::size_t fed_ = 0;
  bool has_ended_ = false;
};

std::vector<Seen> read_in_pieces(std::string_view bytes, const Settings& settings, std::size_t longest, unsigned seed) {
  std::mt19937 random(seed);
  Reading reading(settings);
  while (!bytes.empty()) {
    const std::size_t length = std::min<std::size_t>(bytes.size(), 1 + random() % longest);
    reading.feed(bytes.substr(0, length));
    bytes.remove_prefix(length);
  }
  return reading.events();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hearth::fuzz::Input input(data, size);
  const unsigned flags = input.byte();
  const Settings settings{(flags & 1U) != 0 ? Role::client : Role::server, (flags & 2U) != 0, (flags & 4U) != 0,
                          input.number()};
  const unsigned seed = input.byte();

  Reading whole(settings);
  whole.feed(input.rest());
  require(read_in_pieces(input.rest(), settings, 1, seed) == whole.events(), "byte by byte as at once");
  require(read_in_pieces(input.rest(), settings, 8, seed) == whole.events(), "in small pieces as at once");
  require(read_in_pieces(input.rest(), settings, 300, seed) == whole.events(), "in large pieces as at once");
  return 0;
}
