#include "load/load_thread.hpp"

#include <algorithm>
#include <utility>

namespace hearth::load {

namespace {

constexpr double kHeartbeatsASecond = 1 / 25.0;

Client& client_of(Socket& socket) { return static_cast<Client&>(socket); }

}  // namespace

LoadThread::LoadThread(Run& run, unsigned number)
    : run_(run),
      plan_(run.plan),
      sockets_(*this, run.plan.addresses.front(), run.plan.tls),
      tasks_(sockets_.wakeup()),
      conversation_(run.plan, run.traffic, sockets_, *this),
      lanes_(run.plan, run.traffic, number),
      turnover_(run.plan, run.traffic, clients_, number + 1),
      emissions_(run.emitter.get()),
      heartbeats_(kHeartbeatsASecond, 0, 1) {
  for (std::uint32_t i = number; i < plan_.clients; i += plan_.threads) clients_.emplace_back(i);
}

void LoadThread::start() { thread_ = std::thread(&LoadThread::run_thread, this); }

void LoadThread::stop() {
  if (!thread_.joinable()) return;
  tasks_.post([this] { stopping_ = true; });
  thread_.join();
}

void LoadThread::run_thread() {
  while (!stopping_) {
    const std::uint64_t due = next_due();
    const std::uint64_t now = run_.now();
    sockets_.wait(due > now ? due - now : 0);
    tasks_.run();
    drive();
    sockets_.flush();
  }
}

void LoadThread::drive() {
  connect_more();
  send_heartbeats();
  if (!is_sending_) return;
  lanes_.send_due([this] { return run_.now(); },
                  [this](std::uint32_t stream, std::uint64_t at) { send_message(stream, at); });
  change_members();
  reconnect_some();
}

std::uint64_t LoadThread::next_due() const noexcept {
  if (connecting_.has_next()) return 0;
  if (!is_sending_) return heartbeats_.next();
  return std::min({heartbeats_.next(), lanes_.next_due(), turnover_.next_due()});
}

void LoadThread::connect_all(std::size_t at_a_time) {
  connecting_.allow(at_a_time);
  for (Client& client : clients_) connecting_.add(client);
}

void LoadThread::connect_more() {
  while (connecting_.has_next()) {
    Client& client = connecting_.next();
    client.began = run_.now();
    client.state = Client::State::connecting;
    sockets_.connect(client);
  }
}

void LoadThread::connected(Socket& socket) { conversation_.begin(client_of(socket)); }

void LoadThread::received(Socket& socket, std::span<char> bytes) { conversation_.received(client_of(socket), bytes); }

void LoadThread::lost(Socket& socket, std::string why) { failed(client_of(socket), std::move(why)); }

void LoadThread::opened(Client& client) {
  connecting_.finish();
  tally_.connected.add();
  tally_.connect_times.record(run_.now() - client.began);
  if (joins_at_once_) conversation_.join_rooms(client);
}

void LoadThread::settled(Client& client) {
  client.is_ready = true;
  note_return(client);
  if (std::exchange(client.counts_as_ready, true)) return;
  tally_.ready.add();
}

void LoadThread::erred(Client& client, std::string what) { tally_.error(client.index, std::move(what)); }

void LoadThread::failed(Client& client, std::string why) {
  if (client.state != Client::State::open) connecting_.finish();
  client.state = Client::State::closed;
  client.rooms = {};
  tally_.error(client.index, std::move(why));
}

void LoadThread::join_all() {
  joins_at_once_ = true;
  for (Client& client : clients_) {
    if (client.state == Client::State::open) conversation_.join_rooms(client);
  }
}

void LoadThread::start_traffic() {
  is_sending_ = true;
  lanes_.start(run_.now());
  turnover_.start(run_.now());
}

void LoadThread::stop_traffic() {
  is_sending_ = false;
  for (std::string& error : emissions_.finish()) erred(clients_.front(), std::move(error));
}

void LoadThread::send_message(std::uint32_t number, std::uint64_t at) {
  Stream& stream = run_.traffic.streams[number];
  Client& sender = clients_[stream.sender / plan_.threads];
  if (sender.state != Client::State::open) return;
  if (plan_.messages != 0 && run_.begun.fetch_add(1, std::memory_order_relaxed) >= plan_.messages) return;
  const Stamp stamp{number, stream.sent.fetch_add(1, std::memory_order_acq_rel), at};
  tally_.messages.add();
  if (!emissions_) return conversation_.send_message(sender, stamp);
  data_.clear();
  append_stamp(data_, stamp, {}, plan_.bytes);
  std::string error = emissions_.emit(stream.room, data_);
  if (!error.empty()) erred(sender, std::move(error));
}

void LoadThread::delivered(Client& client, const Stamp& stamp) {
  tally_.deliveries.add();
  if (!client.rooms.receive(stamp.stream, stamp.number, tally_.faults)) {
    ++tally_.faults.unexpected;
    return;
  }
  if (is_returning_) return note_return(client);
  if (run_.measuring.load(std::memory_order_relaxed)) {
    const std::uint64_t now = run_.now();
    tally_.latencies.record(now > stamp.at ? now - stamp.at : 0);
  }
  const Stream& stream = run_.traffic.streams[stamp.stream];
  const bool counts = stream.copies != 1 || stream.sender == client.index;
  Lane& lane = run_.traffic.lanes[stream.lane];
  if (plan_.rate > 0 || !counts || !note_arrival(lane, 1)) return;
  LoadThread& owner = *run_.threads[lane.thread];
  if (&owner == this) {
    lanes_.complete(lane);
  } else {
    owner.tasks_.post([&owner, &lane] { owner.lanes_.complete(lane); });
  }
}

void LoadThread::change_members() {
  const std::uint64_t now = run_.now();
  while (turnover_.takes_change(now)) {
    if (const auto leaver = turnover_.draw_leaver()) conversation_.leave(leaver->client, leaver->stream);
    if (const auto joiner = turnover_.draw_joiner()) conversation_.join(joiner->client, {joiner->stream});
  }
}

// Without a close frame, as mobile clients go.
void LoadThread::reconnect_some() {
  const std::uint64_t now = run_.now();
  while (turnover_.takes_reconnect(now)) {
    Client* client = turnover_.draw_reconnect();
    if (client == nullptr) continue;
    sockets_.close(*client);
    client->state = Client::State::idle;
    client->is_ready = false;
    client->key.reset();
    client->rooms = {};
    connecting_.add(*client);
  }
}

void LoadThread::cut_off() {
  for (Client& client : clients_) {
    if (client.index == 0) continue;
    sockets_.close(client);
    client.state = Client::State::idle;
    client.is_ready = false;
    client.key.reset();
  }
}

void LoadThread::send_to_all_rooms(std::uint64_t messages) {
  for (std::uint64_t i = 0; i < messages; ++i) {
    for (std::uint32_t stream = 0; stream < run_.traffic.streams.size(); ++stream) send_message(stream, run_.now());
  }
}

void LoadThread::return_all(std::size_t at_a_time) {
  is_returning_ = true;
  connecting_.allow(at_a_time);
  for (Client& client : clients_) {
    if (client.state == Client::State::idle) connecting_.add(client);
  }
}

/// Whether one who has come back has all that it missed.
void LoadThread::note_return(Client& client) {
  if (!is_returning_ || client.index == 0 || client.has_returned || !client.is_ready) return;
  if (client.rooms.lacking([this](std::uint32_t stream) { return sent(stream); }) > 0) return;
  client.has_returned = true;
  tally_.returned.add();
  tally_.return_times.record(run_.now() - client.began);
}

void LoadThread::send_heartbeats() {
  if (!heartbeats_.take(run_.now())) return;
  for (Client& client : clients_) {
    if (client.state == Client::State::open) conversation_.send_heartbeat(client);
  }
}

std::uint64_t LoadThread::lacking() const {
  std::uint64_t sum = 0;
  for (const Client& client : clients_) {
    if (client.state == Client::State::idle) continue;  // it will have to come back first
    sum += client.rooms.lacking([this](std::uint32_t stream) { return sent(stream); });
  }
  return sum;
}

}  // namespace hearth::load
