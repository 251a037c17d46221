#pragma once

#include "hearth/cluster.hpp"
#include "hearth/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::server {

/// What an instance says when it has begun, is about to end, or has heard of another.
struct Beat {
  std::string name{};
  bool is_ending = false;
};

std::string beat_json(const Beat& beat);
std::optional<Beat> read_beat(JsonView message);

/// A question on its way (docs/protocol.md, Control messages).
struct NumberedQuestion {
  std::uint64_t number = 0;
  ClusterQuestion question{};
};

std::string question_json(const NumberedQuestion& question);
std::optional<NumberedQuestion> read_question(JsonView message);

/// An answer to somebody's question.
struct NumberedAnswer {
  std::string to{};
  std::uint64_t number = 0;
  NodeAnswer answer{};
};

/// At most `most` bytes; what does not fit is left out, and the answer is not whole.
std::string answer_json(const NumberedAnswer& answer, std::size_t most);
/// `id` of the answer is for the caller to fill in.
std::optional<NumberedAnswer> read_answer(JsonView message);

}  // namespace hearth::server
