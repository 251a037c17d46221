#pragma once

#include "protocol/escaped.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hearth::protocol {

/// A client's message, read (docs/protocol.md, section 1). The views point into the message or into the reader, and are
/// good until the reader's next call.
struct Envelope {
  std::string_view event;    ///< without quotes and escapes; never empty
  std::string_view data;     ///< the bytes of `data` as they came, valid JSON; empty when there is none
  std::string_view id;       ///< without quotes and escapes; empty when there is none or it is no string
  std::string_view id_json;  ///< the token of `id` as it came, quotes included; empty when there is none
};

/// Reads envelopes, fully validated. Reused from message to message, so that reading allocates nothing.
class EnvelopeReader {
 public:
  enum class Result : std::uint8_t {
    envelope,
    not_json,      ///< to be answered with `Invalid message format`
    not_envelope,  ///< JSON, but no object, or its `event` is missing, empty or no string
  };

  /// Keys in any order, unknown ones ignored, the last of a repeated one counts. `text` need not be valid UTF-8: what
  /// is not, is not_json. An `event` or `id` of null is as if it were missing.
  Result read(std::string_view text);

  /// What the last read() that returned Result::envelope has found; all empty after one that returned another.
  const Envelope& envelope() const noexcept { return envelope_; }

 private:
  Envelope envelope_;
  std::string event_scratch_;
  std::string id_scratch_;
};

/// An envelope to send, as the pieces that make it up: nothing is copied but an event name that needs escaping.
/// `{"event":E}`, `{"event":E,"data":D}` and, with an id, `{"event":E,"data":D,"id":I}`.
class EnvelopeText {
 public:
  /// `data` is valid JSON or empty; `id_json` is a JSON string token or empty. All must outlive the object.
  EnvelopeText(std::string_view event, std::string_view data, std::string_view id_json = {});

  EnvelopeText(const EnvelopeText&) = delete;  // its pieces may point into it
  EnvelopeText& operator=(const EnvelopeText&) = delete;

  std::span<const std::string_view> pieces() const noexcept { return {pieces_.data(), count_}; }
  std::size_t size() const noexcept { return size_; }  ///< in bytes, of all pieces
  std::string str() const;

 private:
  void add(std::string_view piece) noexcept;

  const Escaped event_;
  std::array<std::string_view, 7> pieces_;
  std::size_t count_ = 0;
  std::size_t size_ = 0;
};

}  // namespace hearth::protocol
