#include "protocol/envelope.hpp"

#include "protocol/json.hpp"
#include "protocol/json_scanner.hpp"
#include "protocol/utf8.hpp"

namespace hearth::protocol {
namespace {

/// Goes through a message and notes the values of the members that make up an envelope, as they stand in the text.
class EnvelopeMembers {
 public:
  explicit EnvelopeMembers(std::string_view text) noexcept : text_(text), scan_(text) {}

  /// Whether the text is JSON. One that is no object has no members.
  bool read() noexcept {
    scan_.skip_space();
    if (!(scan_.is_next('{') ? read_object() : scan_.skip_value(0))) return false;
    scan_.skip_space();
    return scan_.at_end() && (scan_.only_ascii() || is_valid_utf8(text_));
  }

  // Empty where there is none.
  std::string_view event() const noexcept { return event_; }
  std::string_view data() const noexcept { return data_; }
  std::string_view id() const noexcept { return id_; }

 private:
  bool read_object() noexcept {
    scan_.skip('{');
    scan_.skip_space();
    if (scan_.skip('}')) return true;
    do {
      scan_.skip_space();
      if (!read_member()) return false;
      scan_.skip_space();
    } while (scan_.skip(','));
    return scan_.skip('}');
  }

  bool read_member() noexcept {
    const char* const key_start = scan_.position();
    if (!scan_.skip_string()) return false;
    const std::string_view key = since(key_start);
    std::string_view& value = scan_.last_string_escaped() ? escaped_member(key) : member(key);
    if (!scan_.skip_colon()) return false;
    const char* const value_start = scan_.position();
    if (!scan_.skip_value(1)) return false;
    value = since(value_start);
    return true;
  }

  std::string_view& member(std::string_view key) noexcept {
    if (key == R"("event")") return event_;
    if (key == R"("data")") return data_;
    if (key == R"("id")") return id_;
    return unknown_;
  }

  std::string_view& escaped_member(std::string_view key) noexcept {
    if (equals(key, "event")) return event_;
    if (equals(key, "data")) return data_;
    if (equals(key, "id")) return id_;
    return unknown_;
  }

  std::string_view since(const char* start) const noexcept {
    return {start, static_cast<std::size_t>(scan_.position() - start)};
  }

  std::string_view text_;
  JsonScanner scan_;
  std::string_view event_;
  std::string_view data_;
  std::string_view id_;
  std::string_view unknown_;
};

}  // namespace

EnvelopeReader::Result EnvelopeReader::read(std::string_view text) {
  envelope_ = {};
  EnvelopeMembers members(text);
  if (!members.read()) return Result::not_json;
  if (!is_string(members.event()) || members.event() == R"("")") return Result::not_envelope;
  envelope_.event = unescape(members.event(), event_scratch_);
  envelope_.data = members.data();
  if (is_string(members.id())) {
    envelope_.id_json = members.id();
    envelope_.id = unescape(members.id(), id_scratch_);
  }
  return Result::envelope;
}

EnvelopeText::EnvelopeText(std::string_view event, std::string_view data, std::string_view id_json) : event_(event) {
  add(R"({"event":")");
  add(event_.text());
  add(data.empty() ? R"(")" : R"(","data":)");
  if (!data.empty()) add(data);
  if (!id_json.empty()) {
    add(R"(,"id":)");
    add(id_json);
  }
  add("}");
}

std::string EnvelopeText::str() const {
  std::string text;
  text.reserve(size_);
  for (const std::string_view piece : pieces()) text += piece;
  return text;
}

void EnvelopeText::add(std::string_view piece) noexcept {
  pieces_[count_++] = piece;
  size_ += piece.size();
}

}  // namespace hearth::protocol
