#include "server/presence_thread.hpp"

#include "shard/shard.hpp"

#include <boost/json/parse.hpp>

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace hearth::server {

namespace {

using Clock = std::chrono::steady_clock;

// Of what is posted, whatever it holds.
constexpr std::size_t kTaskSize = 128;

PresencePage page_of(const presence::Picture& picture) {
  PresencePage page{.version = picture.version, .clients = picture.counts.clients, .users = picture.counts.users};
  if (!picture.is_listed) return page;
  page.members.emplace();
  for (const presence::MemberPtr& member : picture.members) {
    PresentMember& shown = page.members->emplace_back();
    shown.id = member->id.str();
    if (!member->user.empty()) shown.user_id = member->user;
    if (!member->info.empty()) shown.info = boost::json::parse(member->info);
  }
  if (picture.is_cut && !page.members->empty()) page.next = page.members->back().id;
  return page;
}

}  // namespace

PresenceThread::PresenceThread(const shard::Switchboard& switchboard)
    : switchboard_(switchboard), mailbox_(wakeup_, shard::Congestion::of_process()) {}

PresenceThread::~PresenceThread() { stop(); }

void PresenceThread::start() {
  stopping_ = false;
  mailbox_.open();
  thread_ = std::thread([this] { run(); });
}

void PresenceThread::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  wakeup_->notify();
  thread_.join();
}

void PresenceThread::run() {
  presence::Rooms rooms(*this);
  std::vector<Work> work;
  while (!stopping_) {
    wait(rooms);
    wakeup_->clear();
    mailbox_.take(work);
    for (const Work& item : work) item(rooms);
    work.clear();
    rooms.advance(Clock::now());
  }
  mailbox_.close();
}

void PresenceThread::wait(const presence::Rooms& rooms) const {
  int timeout = -1;
  if (const auto deadline = rooms.next_deadline()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now()).count();
    timeout = static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
  }
  pollfd waiting{.fd = wakeup_->fd(), .events = POLLIN, .revents = 0};
  ::poll(&waiting, 1, timeout);
}

void PresenceThread::take(std::uint8_t shard, std::vector<presence::Note> notes) {
  std::size_t bytes = kTaskSize;
  for (const presence::Note& note : notes) bytes += note.size();
  const auto shared = std::make_shared<const std::vector<presence::Note>>(std::move(notes));
  mailbox_.post(
      [shard, shared](presence::Rooms& rooms) {
        const auto now = Clock::now();
        for (const presence::Note& note : *shared) rooms.take(shard, note, now);
      },
      bytes, false);
}

// The work alone holds the promise: if that is dropped, the future has an error.
std::future<PresencePage> PresenceThread::ask(std::string room, const presence::Page& page) {
  auto promise = std::make_shared<std::promise<PresencePage>>();
  std::future<PresencePage> answer = promise->get_future();
  mailbox_.post([promise = std::move(promise), room = std::move(room),
                 page](presence::Rooms& rooms) { promise->set_value(page_of(rooms.ask(room, page, Clock::now()))); },
                kTaskSize, false);
  return answer;
}

void PresenceThread::tell(std::uint8_t shard, const std::string& room, const presence::TextPtr& text) {
  switchboard_.shards()[shard]->post([room, text](shard::Shard& at) { at.present().tell(room, *text); }, true);
}

void PresenceThread::show(std::uint8_t shard, const std::string& room, const presence::ClientId& client,
                          const presence::TextPtr& text) {
  switchboard_.shards()[shard]->post([room, client, text](shard::Shard& at) { at.present().show(room, client, *text); },
                                     true);
}

void PresenceThread::answer(std::uint8_t shard, const presence::ClientId& client, const std::string& id_json,
                            const presence::TextPtr& text) {
  switchboard_.shards()[shard]->post(
      [client, id_json, text](shard::Shard& at) { at.present().answer(client, id_json, text ? *text : ""); }, true);
}

}  // namespace hearth::server
