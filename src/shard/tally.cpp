#include "shard/tally.hpp"

#include <algorithm>
#include <initializer_list>

namespace hearth::shard {

namespace {

double in_seconds(net::Millis time) noexcept { return static_cast<double>(time.count()) / 1000; }

// The bytes of an id are a shorter name than its text.
std::string_view name_of(const protocol::ClientId& client) noexcept {
  return {reinterpret_cast<const char*>(client.bytes.data()), client.bytes.size()};
}

std::string text_of_client(std::string_view name) {
  protocol::ClientId id;
  std::copy(name.begin(), name.end(), id.bytes.begin());
  return id.str();
}

}  // namespace

void Tally::count_room(std::string_view room, std::size_t bytes) {
  counts_->room_messages.add(room, 1);
  counts_->room_bytes.add(room, bytes);
}

void Tally::count_client(const protocol::ClientId& client) { counts_->client_messages.add(name_of(client), 1); }

std::vector<Tally::Entry> Tally::ask(Kind kind, net::TimePoint now) {
  if (!counts_) {
    counts_ = std::make_unique<Counts>();
    counts_->halved_at = now;
  }
  expire(now);
  counts_->wanted_until = now + kInterest;
  // Weighted as what was counted is, time gives the right figure for what goes on evenly, from the first second on.
  const double seconds = std::max(1.0, counts_->seconds + in_seconds(now - counts_->halved_at));
  const bool of_clients = kind == Kind::client_messages;
  const SpaceSaving& sketch = of_clients                    ? counts_->client_messages
                              : kind == Kind::room_messages ? counts_->room_messages
                                                            : counts_->room_bytes;
  std::vector<Entry> all;
  for (const SpaceSaving::Entry& entry : sketch.entries()) {
    all.push_back({of_clients ? text_of_client(entry.name) : entry.name, static_cast<double>(entry.count) / seconds,
                   static_cast<double>(entry.error) / seconds});
  }
  return all;
}

void Tally::expire(net::TimePoint now) {
  if (!counts_) return;
  if (counts_->wanted_until != net::TimePoint() && now >= counts_->wanted_until) return counts_.reset();
  while (now - counts_->halved_at >= kHalving) {
    for (SpaceSaving* sketch : {&counts_->room_messages, &counts_->room_bytes, &counts_->client_messages}) {
      sketch->halve();
    }
    counts_->seconds = (counts_->seconds + in_seconds(kHalving)) / 2;
    counts_->halved_at += kHalving;
  }
}

std::optional<net::TimePoint> Tally::next() const noexcept {
  if (!counts_) return std::nullopt;
  return std::min(counts_->halved_at + kHalving, counts_->wanted_until);
}

}  // namespace hearth::shard
