#include "support/turned_shard.hpp"

#include "presence/note.hpp"
#include "shard/blocks.hpp"
#include "shard/control_plane.hpp"
#include "shard/doorkeeper.hpp"
#include "shard/limit_hits.hpp"
#include "shard/presence_desk.hpp"
#include "shard/publication.hpp"
#include "shard/remembering.hpp"
#include "shard/shard.hpp"
#include "shard/switchboard.hpp"
#include "support/test_server.hpp"
#include "tls/server_context.hpp"

#include <boost/asio/io_context.hpp>

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace hearth::test {

namespace {

// A turn does so much at most: 384 connections are written to, 512 timers are looked at. So many are enough for the few
// thousand clients that a test has.
constexpr int kTurns = 64;

std::chrono::steady_clock::time_point shard_time{std::chrono::hours(1)};
std::chrono::steady_clock::time_point tell_shard_time() noexcept { return shard_time; }

std::shared_ptr<const Options> turned_options(Options options, boost::asio::io_context& context) {
  options.executor = context.get_executor();
  if (!options.authenticate) options.authenticate = accept_anybody;
  options.log = [](LogLevel, std::string_view) {};
  return std::make_shared<const Options>(std::move(options));
}

class Nobody final : public shard::Outward {
 public:
  void publish(const shard::Publication&, std::string_view) noexcept override {}
};

/// Keeps what a shard says of who is in rooms.
class Registrar final : public shard::PresenceDesk {
 public:
  void take(std::uint8_t, std::vector<presence::Note>& notes) override {
    for (; next_ < notes.size(); ++next_) {
      const presence::Note& note = notes[next_];
      if (note.kind == presence::Note::Kind::joined) present_[note.room].insert(note.member->id.str());
      if (note.kind == presence::Note::Kind::left) present_[note.room].erase(note.client.str());
    }
    next_ = 0;
  }
  std::set<std::string> in(const std::string& room) const {
    const auto found = present_.find(room);
    return found == present_.end() ? std::set<std::string>() : found->second;
  }

 private:
  std::map<std::string, std::set<std::string>> present_;
  std::size_t next_ = 0;  // of the notes; not 0 only after something was thrown
};

}  // namespace

struct TurnedShard::Surroundings {
  explicit Surroundings(Options given)
      : options(turned_options(std::move(given), context)),
        plane(std::make_shared<shard::ControlPlane>(options, log)),
        tls(options->tls ? std::make_shared<const tls::CurrentContext>(*options->tls) : nullptr),
        hits(log),
        door(options->limits, hits),
        remembering(*options) {
    auto made = std::make_unique<shard::Shard>(
        shard::Shard::Surroundings{.plane = plane,
                                   .switchboard = switchboard,
                                   .outward = nobody,
                                   .blocks = blocks,
                                   .door = door,
                                   .hits = hits,
                                   .tls = tls,
                                   .remembering = remembering,
                                   .presence = remembering.any_presence() ? &registrar : nullptr},
        std::uint8_t{0}, &tell_shard_time);
    shard = made.get();
    switchboard.add(std::move(made));
    plane->start();
    shard->open();
  }
  ~Surroundings() {
    shard->close();
    context.restart();
    context.poll();  // coroutines that were cancelled let go of what they hold
    plane->stop();
    switchboard.clear();
  }
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

  void turn() {
    shard->turn();
    context.restart();
    context.poll();
  }

  boost::asio::io_context context;
  const std::shared_ptr<const Options> options;
  const log::Log log;
  const std::shared_ptr<shard::ControlPlane> plane;
  const std::shared_ptr<const tls::CurrentContext> tls;
  Nobody nobody;
  shard::Blocks blocks;
  shard::LimitHits hits;
  shard::Doorkeeper door;
  const shard::Remembering remembering;
  Registrar registrar;
  shard::Switchboard switchboard;
  shard::Shard* shard = nullptr;
};

TurnedShard::TurnedShard(Options options) : around_(std::make_unique<Surroundings>(std::move(options))) {}

TurnedShard::~TurnedShard() = default;

TestClient TurnedShard::open() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  net::FileDescriptor mine(ends[0]);
  // So that the kernel takes the same for who does not read on every machine. Linux doubles it, to what is its default.
  const int takes = 106'496;
  ::setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &takes, sizeof takes);
  around_->shard->adopt(net::FileDescriptor(ends[1]));
  return {std::move(mine), [around = around_.get()] { around->turn(); }};
}

TestClient TurnedShard::connect() {
  TestClient client = open();
  client.upgrade();
  return client;
}

TestClient TurnedShard::client(std::string_view user) {
  TestClient client = connect();
  user.empty() ? client.authenticate() : client.authenticate_as(user);
  return client;
}

void TurnedShard::advance(std::chrono::milliseconds time) {
  stall(time);
  turn();
}

void TurnedShard::stall(std::chrono::milliseconds time) { shard_time += time; }

void TurnedShard::turn() {
  for (int i = 0; i < kTurns; ++i) around_->turn();
}

void TurnedShard::turn_once() { around_->turn(); }

std::size_t TurnedShard::connections() const { return around_->shard->counters().open.get(); }

const net::Loop& TurnedShard::loop() const { return around_->shard->loop(); }

std::uint64_t TurnedShard::hits(std::string_view limit) const {
  for (std::size_t i = 0; i < shard::kLimits; ++i) {
    if (const auto at = static_cast<shard::Limit>(i); shard::name_of(at) == limit) return around_->hits.count(at);
  }
  throw std::invalid_argument("no such limit: " + std::string(limit));
}
std::uint64_t TurnedShard::dropped() const { return around_->shard->counters().messages_dropped.get(); }

std::set<std::string> TurnedShard::members(std::string_view room) const {
  std::set<std::string> ids;
  around_->shard->hub().for_each_in_room(room, [&](const hub::Client& client) { ids.insert(client.id.str()); });
  return ids;
}

std::set<std::string> TurnedShard::said_to_be_in(const std::string& room) const { return around_->registrar.in(room); }

void TurnedShard::send(const std::string& client_id, std::string_view event, std::string_view data) {
  around_->switchboard.deliver({.target = Target::client(client_id), .event = event, .data = data});
}

void TurnedShard::broadcast(std::string_view event, std::string_view data) {
  around_->switchboard.deliver({.target = Target::everybody(), .event = event, .data = data});
}

void TurnedShard::publish(std::string_view room, std::string_view event, std::string_view data, std::string_view key) {
  around_->switchboard.deliver({.target = Target::room(room), .event = event, .data = data, .key = key});
}

void TurnedShard::disconnect(const std::string& client_id, std::uint16_t code, std::string_view reason) {
  around_->shard->disconnect(client_id, code, reason);
}

void TurnedShard::begin_shutdown() { around_->shard->begin_shutdown(net::TimePoint::max()); }

}  // namespace hearth::test
