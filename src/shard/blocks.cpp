#include "shard/blocks.hpp"

namespace hearth::shard {

bool Blocks::concerns(const Block& block, const Subject& subject) noexcept {
  if (!block.token.empty()) return subject.token == block.token;
  if (!subject.user || *subject.user != block.user) return false;
  return !block.issued_before || !subject.issued_at || *subject.issued_at < *block.issued_before;
}

bool Blocks::add(const Block& block, Time now) {
  const std::lock_guard lock(mutex_);
  if (users_.size() + tokens_.size() >= kMost) forget_ended(now);
  if (users_.size() + tokens_.size() >= kMost) return false;
  (block.token.empty() ? users_ : tokens_).insert_or_assign(block.token.empty() ? block.user : block.token, block);
  is_empty_ = false;
  return true;
}

void Blocks::remove(std::string_view user, std::string_view token) {
  const std::lock_guard lock(mutex_);
  if (token.empty()) {
    users_.erase(std::string(user));
  } else {
    tokens_.erase(std::string(token));
  }
  is_empty_ = users_.empty() && tokens_.empty();
}

bool Blocks::keeps_out(const Subject& subject, Time now) const {
  if (is_empty_) return false;
  const std::lock_guard lock(mutex_);
  return (subject.user && keeps_out(users_, *subject.user, subject, now)) ||
         (!subject.token.empty() && keeps_out(tokens_, subject.token, subject, now));
}

bool Blocks::keeps_out(const Map& map, std::string_view key, const Subject& subject, Time now) const {
  const auto found = map.find(std::string(key));
  return found != map.end() && now < found->second.until && concerns(found->second, subject);
}

std::vector<Block> Blocks::list(Time now) const {
  std::vector<Block> all;
  const std::lock_guard lock(mutex_);
  for (const Map* map : {&users_, &tokens_}) {
    for (const auto& [key, block] : *map) {
      if (now < block.until) all.push_back(block);
    }
  }
  return all;
}

void Blocks::forget_ended(Time now) {
  const auto ended = [now](const auto& entry) { return entry.second.until <= now; };
  boost::unordered::erase_if(users_, ended);
  boost::unordered::erase_if(tokens_, ended);
}

}  // namespace hearth::shard
