#include "shard/drain.hpp"

#include "protocol/system_events.hpp"

#include <algorithm>
#include <string>

namespace hearth::shard {

void Drain::begin(net::TimePoint now, net::Millis delay, net::Millis time, std::shared_ptr<void> over) {
  if (begins_) {
    if (over_)
      over_ = std::make_shared<std::pair<std::shared_ptr<void>, std::shared_ptr<void>>>(over_, std::move(over));
    return;
  }
  begins_ = net::after(now, delay);
  time_ = time;
  over_ = std::move(over);
}

void Drain::line_up() {
  hub_.for_each_client([&](const hub::Client& client) { line_.push_back(client.id); });
  std::shuffle(line_.begin(), line_.end(), random_);
  lined_up_ = true;
}

net::TimePoint Drain::turn_of(std::size_t n) const {
  const double share = static_cast<double>(n) / static_cast<double>(line_.size());
  return net::after(*begins_, net::Millis(static_cast<std::int64_t>(static_cast<double>(time_.count()) * share)));
}

void Drain::go_on(net::TimePoint now) {
  if (!over_ || now < *begins_) return;
  if (!lined_up_) line_up();
  for (; told_ < line_.size() && turn_of(told_) <= now; ++told_) {
    if (hub::Client* client = hub_.find_open(line_[told_])) send_away(*client, now);
  }
  for (; !leaving_.empty() && leaving_.front().first <= now; leaving_.pop_front()) {
    if (hub::Client* client = hub_.find_open(leaving_.front().second)) {
      outlet_.close(*client, protocol::kServerShuttingDown);
    }
  }
  if (all_gone()) over_.reset();
}

// Who understands that it is to go elsewhere is told so, and when: otherwise all who were here at once would be
// elsewhere at once.
void Drain::send_away(hub::Client& client, net::TimePoint now) {
  if (!client.is_authenticated() || !client.reads_events) return outlet_.close(client, protocol::kServerShuttingDown);
  const auto pause = std::uniform_int_distribution<std::int64_t>(0, kLongestPause)(random_);
  answers_.event(client, protocol::event::kReconnect, R"({"afterMs":)" + std::to_string(pause) + '}');
  leaving_.emplace_back(now + kPatience, client.id);
}

std::optional<net::TimePoint> Drain::next() const {
  if (!over_) return std::nullopt;
  if (!lined_up_ || all_gone()) return begins_;
  std::optional<net::TimePoint> next;
  if (told_ < line_.size()) next = turn_of(told_);
  if (!leaving_.empty() && (!next || leaving_.front().first < *next)) next = leaving_.front().first;
  return next;
}

}  // namespace hearth::shard
