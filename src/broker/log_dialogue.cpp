#include "broker/log_dialogue.hpp"

namespace hearth::broker {

void LogDialogue::expect(Expected reply) {
  expected_.push_back(reply);
  if (reply == Expected::request || reply == Expected::appends) ++commands_;
}

LogDialogue::Reply LogDialogue::take() {
  Reply reply{expected_.front()};
  expected_.pop_front();
  if (reply.to == Expected::request || reply.to == Expected::appends) --commands_;
  if (reply.to == Expected::appends) {
    reply.appends = sizes_.front();
    sizes_.pop_front();
  }
  return reply;
}

void LogDialogue::append(const LogAppend& append, const LogNumber& number, std::size_t bytes, std::string& batch,
                         const LogConnection& connection, std::int64_t now_ms) {
  const bool fits = together_.size() < kMostTogether && bytes_ + bytes <= kMostTogetherBytes;
  if (!together_.empty() && (!fits || !goes_with(*together_.front().append, append))) {
    end_command(batch, connection, now_ms);
  }
  together_.push_back({&append, number});
  bytes_ += bytes;
}

void LogDialogue::end_command(std::string& batch, const LogConnection& connection, std::int64_t now_ms) {
  if (together_.empty()) return;
  batch += append_command(connection, together_, now_ms).bytes();
  expect(Expected::appends);
  sizes_.push_back(together_.size());
  together_.clear();
  bytes_ = 0;
}

void LogDialogue::lost() {
  expected_.clear();
  sizes_.clear();
  commands_ = 0;
}

}  // namespace hearth::broker
