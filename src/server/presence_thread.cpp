#include "server/presence_thread.hpp"

#include "presence/kept.hpp"
#include "shard/shard.hpp"

#include <boost/json/parse.hpp>

#include <poll.h>

#include <algorithm>
#include <future>
#include <optional>
#include <utility>

namespace hearth::server {

namespace {

// Of what is posted, whatever it holds.
constexpr std::size_t kTaskSize = 128;
// For what the others are to be told at the end.
constexpr std::chrono::seconds kFarewell{1};

PresencePage page_of(const presence::Picture& picture, bool is_stale) {
  PresencePage page{.version = picture.version, .clients = picture.counts.clients, .users = picture.counts.users};
  page.stale = is_stale;
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

/// Somebody who is told once: that nobody can say, if it is dropped.
class Asking {
 public:
  explicit Asking(Done<PresencePage> done) noexcept : done_(std::move(done)) {}
  ~Asking() {
    if (done_) done_(HistoryError::unavailable);
  }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

  void tell(PresencePage page) { std::exchange(done_, nullptr)(std::move(page)); }

 private:
  Done<PresencePage> done_;
};

std::size_t size_of(const PresenceReport& report) {
  std::size_t bytes = sizeof report + report.room.size();
  for (const KeptMember& member : report.joined) bytes += sizeof member + member.user.size() + member.info.size();
  return bytes + report.left.size() * sizeof(std::string);
}

}  // namespace

PresenceThread::PresenceThread(const shard::Switchboard& switchboard)
    : switchboard_(switchboard),
      mailbox_(std::make_shared<shard::Mailbox<Work>>(wakeup_, shard::Congestion::of_process())) {}

PresenceThread::~PresenceThread() { stop(); }

void PresenceThread::start(Presence* kept, std::string_view self, std::chrono::milliseconds heartbeat) {
  kept_ = kept;
  cluster_ = {.store = kept != nullptr ? this : nullptr, .self = std::string(self), .heartbeat = heartbeat};
  stopping_ = false;
  mailbox_->open();
  thread_ = std::thread([this] { run(); });
}

void PresenceThread::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  wakeup_->notify();
  thread_.join();
}

void PresenceThread::run() {
  presence::Rooms rooms(*this, cluster_, Clock::now());
  while (!stopping_) {
    rooms.advance(Clock::now());
    wait(rooms.next_deadline().value_or(Clock::time_point::max()));
    work_off(rooms);
  }
  finish(rooms);
  mailbox_->close();
}

// What the shards have said before they ended is there already.
void PresenceThread::finish(presence::Rooms& rooms) {
  const auto until = Clock::now() + kFarewell;
  work_off(rooms);
  rooms.finish(Clock::now());
  while (rooms.owes() && Clock::now() < until) {
    wait(until);
    work_off(rooms);
    rooms.finish(Clock::now());
  }
}

void PresenceThread::wait(Clock::time_point until) const {
  constexpr std::chrono::milliseconds kLongest = std::chrono::minutes(1);
  const auto now = Clock::now();
  const auto left = until > now + kLongest ? kLongest : std::chrono::ceil<std::chrono::milliseconds>(until - now);
  pollfd waiting{.fd = wakeup_->fd(), .events = POLLIN, .revents = 0};
  ::poll(&waiting, 1, static_cast<int>(std::max(left, kLongest.zero()).count()));
}

void PresenceThread::work_off(presence::Rooms& rooms) {
  std::vector<Work> work;
  wakeup_->clear();
  mailbox_->take(work);
  for (const Work& item : work) item(rooms);
}

void PresenceThread::take(std::uint8_t shard, std::vector<presence::Note>& notes) {
  std::size_t bytes = kTaskSize;
  for (const presence::Note& note : notes) bytes += note.size();
  const auto shared = std::make_shared<std::vector<presence::Note>>();
  Work work = [shard, shared](presence::Rooms& rooms) {
    const auto now = Clock::now();
    for (const presence::Note& note : *shared) rooms.take(shard, note, now);
  };
  shared->swap(notes);
  try {
    mailbox_->post(std::move(work), bytes, false);
  } catch (...) {
    shared->swap(notes);
    throw;
  }
}

void PresenceThread::ask(std::string room, std::shared_ptr<const RoomRule> rule, const presence::Page& page,
                         Done<PresencePage> done) {
  auto asking = std::make_shared<Asking>(std::move(done));
  mailbox_->post(
      [asking = std::move(asking), room = std::move(room), rule = std::move(rule), page](presence::Rooms& rooms) {
        const auto told = [asking](const presence::Picture& picture, bool is_stale) {
          asking->tell(page_of(picture, is_stale));
        };
        rooms.ask(room, *rule, page, told, Clock::now());
      },
      kTaskSize, false);
}

// The work alone holds the promise: if that is dropped, the answer is an error.
PresenceMetrics PresenceThread::metrics() const {
  auto promise = std::make_shared<std::promise<PresenceMetrics>>();
  std::future<PresenceMetrics> answer = promise->get_future();
  mailbox_->post([promise = std::move(promise)](const presence::Rooms& rooms) { promise->set_value(rooms.metrics()); },
                 kTaskSize, false);
  try {
    return answer.get();
  } catch (const std::future_error&) {
    return {};
  }
}

void PresenceThread::report(std::string_view instance, const PresenceReport& report) {
  const auto shared = std::make_shared<const PresenceReport>(report);
  mailbox_->post(
      [shared, instance = std::string(instance)](presence::Rooms& rooms) {
        rooms.report(instance, shared->room, presence::report_of(*shared), Clock::now());
      },
      size_of(report), false);
}

void PresenceThread::watched(std::string_view room) {
  mailbox_->post([room = std::string(room)](presence::Rooms& rooms) { rooms.watched(room, Clock::now()); }, kTaskSize,
                 false);
}

void PresenceThread::lost() {
  mailbox_->post([](presence::Rooms& rooms) { rooms.lost(Clock::now()); }, kTaskSize, false);
}

// --- what there is to tell

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

// --- what is asked of the broker: answers come by mail, also those that are there at once

void PresenceThread::look(bool renews, std::chrono::milliseconds life) {
  kept_->look(renews ? std::optional(life) : std::nullopt, [mailbox = mailbox_](Result<LivingInstances> living) {
    mailbox->post(
        [living = std::move(living)](presence::Rooms& rooms) {
          living ? rooms.living(living->instances, living->was_missing, Clock::now()) : rooms.cut_off(Clock::now());
        },
        kTaskSize, false);
  });
}

void PresenceThread::write(const std::string& room, const presence::Report& report) {
  kept_->write(presence::kept_report(room, report), [mailbox = mailbox_, room](const Result<void>& done) {
    mailbox->post(
        [room, is_done = done.has_value()](presence::Rooms& rooms) { rooms.written(room, is_done, Clock::now()); },
        kTaskSize, false);
  });
}

void PresenceThread::read(const std::string& room) {
  kept_->read(room, [mailbox = mailbox_, room](const Result<std::vector<PresenceEntry>>& kept) {
    std::optional<std::vector<presence::Entry>> entries;
    if (kept) {
      entries.emplace();
      for (const PresenceEntry& entry : *kept) entries->push_back(presence::entry_of(entry));
    }
    mailbox->post(
        [room, entries = std::move(entries)](presence::Rooms& rooms) {
          entries ? rooms.read(room, *entries, Clock::now()) : rooms.read_failed(room, Clock::now());
        },
        kTaskSize, false);
  });
}

void PresenceThread::forget(const std::string& room, const std::string& node) { kept_->forget(room, node); }
void PresenceThread::watch(const std::string& room) { kept_->watch(room); }
void PresenceThread::unwatch(const std::string& room) { kept_->unwatch(room); }

}  // namespace hearth::server
