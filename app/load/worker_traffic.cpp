#include "load/worker.hpp"

#include "protocol/json.hpp"

#include <algorithm>
#include <utility>

namespace hearth::load {

namespace {

constexpr double kNanoseconds = 1e9;  // of a second
constexpr std::uint64_t kHeartbeat = 25'000'000'000;
constexpr std::size_t kEmittedAtOnce = 4096;

}  // namespace

void Worker::start_traffic() {
  is_sending_ = true;
  const double now = static_cast<double>(run_.now());
  if (plan_.rate > 0 && !lanes_.empty()) {
    // Every lane of every thread gets its part of the rate.
    const double part = static_cast<double>(lanes_.size()) / static_cast<double>(run_.traffic.lanes.size());
    interval_ = kNanoseconds / (plan_.rate * part);
    next_send_ = now + interval_ * std::uniform_real_distribution<>(0, 1)(random_);
  }
  const auto each = [&](double rate) { return rate > 0 ? kNanoseconds * plan_.threads / rate : 0; };
  change_interval_ = run_.traffic.changing.empty() ? 0 : each(plan_.churn);
  reconnect_interval_ = each(plan_.reconnects);
  next_change_ = now + change_interval_;
  next_reconnect_ = now + reconnect_interval_;
  if (interval_ == 0) complete_ = lanes_;
}

void Worker::stop_traffic() {
  is_sending_ = false;
  for (auto& emitted : std::exchange(emitted_, {})) {
    if (const EmitResult result = emitted.get(); !result) error(clients_.front(), result.error);
  }
}

void Worker::drive() {
  connect_more();
  send_heartbeats();
  if (!is_sending_) return;
  if (interval_ > 0) {
    send_on_schedule();
  } else {
    for (Lane* lane : std::exchange(complete_, {})) refill(*lane);
  }
  change_members();
  reconnect_some();
}

void Worker::refill(Lane& lane) {
  // Chosen first: what the last message waits for must be counted before the first copy can come.
  std::vector<std::uint32_t> streams(plan_.window);
  std::int64_t copies = 0;
  for (auto& stream : streams) {
    stream = pick(lane);
    copies += run_.traffic.streams[stream].copies;
  }
  lane.outstanding.store(copies, std::memory_order_release);
  const std::uint64_t now = run_.now();
  for (const auto stream : streams) send_message(stream, now);
}

std::uint32_t Worker::pick(const Lane& lane) {
  if (lane.streams.size() == 1) return lane.streams.front();
  const double at = std::uniform_real_distribution<>(0, lane.shares.back())(random_);
  const auto place = std::upper_bound(lane.shares.begin(), lane.shares.end(), at) - lane.shares.begin();
  return lane.streams[std::min(static_cast<std::size_t>(place), lane.streams.size() - 1)];
}

// Latencies are counted from when a message was due: a server that stalls does not get fewer of them to answer for.
void Worker::send_on_schedule() {
  const std::uint64_t now = run_.now();
  while (next_send_ <= static_cast<double>(now)) {
    Lane& lane = *lanes_[next_lane_++ % lanes_.size()];
    send_message(pick(lane), static_cast<std::uint64_t>(next_send_));
    next_send_ += interval_;
  }
}

void Worker::send_message(std::uint32_t number, std::uint64_t at) {
  Stream& stream = run_.traffic.streams[number];
  Client& sender = clients_[stream.sender / plan_.threads];
  if (sender.state != Client::State::open) return;
  if (plan_.messages != 0 && run_.begun.fetch_add(1, std::memory_order_relaxed) >= plan_.messages) return;
  const Stamp stamp{number, stream.sent.fetch_add(1, std::memory_order_acq_rel), at};
  messages_.add();
  data_.clear();
  if (run_.emitter) {
    append_stamp(data_, stamp, {}, plan_.bytes);
    emitted_.push_back(run_.emitter->to_room(stream.room, "msg", JsonView::trusted(data_)));
    if (emitted_.size() < kEmittedAtOnce) return;
    if (const EmitResult result = emitted_.front().get(); !result) error(sender, result.error);
    emitted_.pop_front();
    return;
  }
  const std::string_view room = stream.room.empty() ? std::string_view(sender.id) : stream.room;
  const bool is_echo = stream.room.empty();
  scratch_.clear();
  if (plan_.send_by == SendBy::application) {
    append_stamp(data_, stamp, is_echo ? std::string_view() : room, plan_.bytes);
    scratch_ += is_echo ? R"({"event":"echo","data":)" : R"({"event":"room","data":)";
    scratch_ += data_ + '}';
  } else {
    append_stamp(data_, stamp, {}, plan_.bytes);
    scratch_ += R"({"event":"publish","data":{"room":)";
    protocol::append_quoted(scratch_, room);
    scratch_.append(R"(,"event":"msg","data":)").append(data_).append("}}");
  }
  send_event(sender, scratch_);
}

void Worker::arrived(Lane& lane, std::int64_t copies) {
  if (interval_ > 0 || plan_.rate > 0) return;
  if (lane.outstanding.fetch_sub(copies, std::memory_order_acq_rel) != copies) return;
  Worker& owner = *run_.workers[lane.thread];
  if (&owner == this) {
    complete_.push_back(&lane);
  } else {
    owner.post([&owner, &lane] { owner.complete_.push_back(&lane); });
  }
}

// One leaves a room, and one joins.
void Worker::change_members() {
  if (change_interval_ == 0) return;
  const auto& changing = run_.traffic.changing;
  std::uniform_int_distribution<std::size_t> any_client(0, clients_.size() - 1);
  std::uniform_int_distribution<std::size_t> any_room(0, changing.size() - 1);
  const double now = static_cast<double>(run_.now());
  for (; next_change_ <= now; next_change_ += change_interval_) {
    Client& leaver = clients_[any_client(random_)];
    if (leaver.is_ready && leaver.requests.empty() && !leaver.memberships.empty()) {
      std::uniform_int_distribution<std::size_t> any(0, leaver.memberships.size() - 1);
      Membership& membership = leaver.memberships[any(random_)];
      const bool changes = std::binary_search(changing.begin(), changing.end(), membership.stream);
      if (changes && run_.traffic.streams[membership.stream].sender != leaver.index) {
        membership.status = Membership::Status::leaving;
        request(leaver, false, {membership.stream});
      }
    }
    Client& joiner = clients_[any_client(random_)];
    const std::uint32_t stream = changing[any_room(random_)];
    if (joiner.is_ready && joiner.requests.empty() && joiner.find(stream) == nullptr) {
      joiner.memberships.push_back({stream});
      request(joiner, true, {stream});
    }
  }
}

// Clients that send to nobody go, without a close frame as mobile clients do, and come again.
void Worker::reconnect_some() {
  if (reconnect_interval_ == 0) return;
  std::uniform_int_distribution<std::size_t> any_client(0, clients_.size() - 1);
  const double now = static_cast<double>(run_.now());
  for (; next_reconnect_ <= now; next_reconnect_ += reconnect_interval_) {
    Client& client = clients_[any_client(random_)];
    if (!client.is_ready || client.state != Client::State::open || run_.traffic.sends[client.index]) continue;
    client.fd.reset();
    client.state = Client::State::idle;
    client.is_ready = false;
    client.is_full = false;
    client.out.clear();
    client.written = 0;
    client.key.reset();
    client.memberships.clear();
    client.requests.clear();
    to_connect_.push_back(&client);
  }
}

void Worker::send_heartbeats() {
  const std::uint64_t now = run_.now();
  if (now < next_heartbeat_) return;
  next_heartbeat_ = now + kHeartbeat;
  for (Client& client : clients_) {
    if (client.state == Client::State::open) send_plain(client, R"({"event":"heartbeat"})");
  }
}

std::uint64_t Worker::lacking() const {
  std::uint64_t sum = 0;
  for (const Client& client : clients_) {
    for (const Membership& membership : client.memberships) {
      if (membership.status != Membership::Status::member) continue;
      sum += membership.sequence.lacking(run_.traffic.streams[membership.stream].sent.load(std::memory_order_acquire));
    }
  }
  return sum;
}

std::uint64_t Worker::next_due() const noexcept {
  if (!to_connect_.empty() && connecting_ < at_a_time_) return 0;
  double due = static_cast<double>(next_heartbeat_);
  if (is_sending_) {
    if (interval_ == 0 && !complete_.empty()) return 0;
    if (interval_ > 0) due = std::min(due, next_send_);
    if (change_interval_ > 0) due = std::min(due, next_change_);
    if (reconnect_interval_ > 0) due = std::min(due, next_reconnect_);
  }
  return static_cast<std::uint64_t>(due);
}

}  // namespace hearth::load
