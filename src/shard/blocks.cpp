#include "shard/blocks.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <initializer_list>

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
  (block.token.empty() ? users_ : tokens_)
      .insert_or_assign(block.token.empty() ? block.user : block.token, Entry{block, now});
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
  return found != map.end() && now < found->second.block.until && concerns(found->second.block, subject);
}

bool Blocks::take(std::span<const Block> kept, Time known_since, Time now) {
  bool any_new = false;
  boost::unordered_flat_set<std::string_view> users;
  boost::unordered_flat_set<std::string_view> tokens;
  const std::lock_guard lock(mutex_);
  for (const Block& block : kept) {
    const bool is_of_user = block.token.empty();
    const std::string& key = is_of_user ? block.user : block.token;
    (is_of_user ? users : tokens).insert(key);
    Map& map = is_of_user ? users_ : tokens_;
    const auto known = map.find(key);
    if (known != map.end() && known->second.block == block) continue;
    if (known == map.end() && users_.size() + tokens_.size() >= kMost) continue;
    map.insert_or_assign(key, Entry{block, now});
    any_new = true;
  }
  const auto taken_back = [&](const auto& keys) {
    return [&](const auto& entry) { return entry.second.added < known_since && !keys.contains(entry.first); };
  };
  boost::unordered::erase_if(users_, taken_back(users));
  boost::unordered::erase_if(tokens_, taken_back(tokens));
  is_empty_ = users_.empty() && tokens_.empty();
  return any_new;
}

std::vector<Block> Blocks::list(Time now) const {
  std::vector<Block> all;
  const std::lock_guard lock(mutex_);
  for (const Map* map : {&users_, &tokens_}) {
    for (const auto& [key, entry] : *map) {
      if (now < entry.block.until) all.push_back(entry.block);
    }
  }
  return all;
}

void Blocks::forget_ended(Time now) {
  const auto ended = [now](const auto& entry) { return entry.second.block.until <= now; };
  boost::unordered::erase_if(users_, ended);
  boost::unordered::erase_if(tokens_, ended);
}

}  // namespace hearth::shard
