#include "broker/log_dialogue.hpp"

namespace hearth::broker {

void LogDialogue::expect(Expected reply, LogSlot* slot) {
  expected_.push_back({reply, 0, slot});
  if (reply == Expected::request || reply == Expected::appends) ++commands_;
}

LogDialogue::Reply LogDialogue::take() {
  const Reply reply = expected_.front();
  expected_.pop_front();
  if (reply.to == Expected::request || reply.to == Expected::appends) --commands_;
  return reply;
}

void LogDialogue::append(LogSlot& slot, const LogAppend& append, const LogNumber& number, std::size_t bytes,
                         std::string& batch, const LogConnection& connection, std::int64_t now_ms) {
  const bool fits = together_.size() < kMostTogether && bytes_ + bytes <= kMostTogetherBytes;
  if (!together_.empty() && (!fits || !goes_with(*together_.front().append, append))) {
    end_command(batch, connection, now_ms);
  }
  together_.push_back({&append, number});
  slot_ = &slot;
  bytes_ += bytes;
}

void LogDialogue::end_command(std::string& batch, const LogConnection& connection, std::int64_t now_ms) {
  if (together_.empty()) return;
  if (slot_->asks) say_asking(batch);
  batch += append_command(connection, together_, now_ms).bytes();
  expect(Expected::appends, slot_);
  expected_.back().appends = together_.size();
  together_.clear();
  bytes_ = 0;
}

void LogDialogue::say_asking(std::string& batch) {
  batch += redis::RespCommand::of({"ASKING"}).bytes();
  expect(Expected::asking);
}

void LogDialogue::lost() {
  expected_.clear();
  commands_ = 0;
}

}  // namespace hearth::broker
