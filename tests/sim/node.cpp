#include "sim/node.hpp"

#include "sim/mistakes.hpp"
#include "sim/world.hpp"

#include <algorithm>
#include <utility>

namespace hearth::sim {

namespace {

constexpr Micros kPatience = 10 * kSecond;  // of a question to the store
constexpr std::size_t kDraftSize = 200;
constexpr std::size_t kTopsCount = 500;

std::chrono::steady_clock::time_point steady(const World& world) { return world.moment().steady; }

}  // namespace

Node::Node(World& its_world, std::uint32_t its_index, std::uint32_t its_id)
    : world(its_world),
      index(its_index),
      id(its_id),
      feeds(*this, {.seed = its_id + its_world.plan().seed}, its_world.moment().steady),
      appends({}),
      acked(std::chrono::seconds(30)) {
  for (std::uint32_t number = 0; number < world.plan().shards; ++number) {
    shards.push_back(std::make_unique<Shard>(world, *this, static_cast<std::uint8_t>(number)));
  }
}

std::size_t Node::behind() const noexcept {
  std::size_t count = 0;
  for (const auto& shard : shards) {
    for (std::uint32_t room = 0; room < kMostRooms; ++room) {
      if (const RoomPart* part = shard->part(room)) count += part->parts.cursors();
    }
  }
  return count;
}

void Node::append(const Draft& draft) {
  if (!appends.push(room_name(draft.room), draft, kDraftSize, steady(world)))
    appended(draft, HistoryError::unavailable);
}

void Node::call(const StrandCall& call) { calls_.push_back(call); }

void Node::take_call(const StrandCall& call) {
  const std::string name = room_name(call.room);
  const history::Opener opener{call.shard, call.ticket};
  const std::uint8_t channel = static_cast<std::uint8_t>(1U << call.room);
  switch (call.kind) {
    case StrandCall::Kind::open:
      feeds.open(name, opener, steady(world));
      if (++opened_[call.room] > 1) return;
      if ((active_ & channel) != 0) return feeds.subscribed(name);
      if (Link& link = world.link(index, true); link.state == Link::State::up) {
        world.send(link, {.kind = Request::Kind::subscribe, .room = call.room});
      }
      return;
    case StrandCall::Kind::close:
      feeds.close(name, opener);
      if (--opened_[call.room] == 0) world.channel_lingers(*this, call.room);
      return;
    case StrandCall::Kind::confirm:
      return feeds.confirm(name, opener, call.number);
  }
}

void Node::linger_ended(std::uint32_t room) {
  const std::uint8_t channel = static_cast<std::uint8_t>(1U << room);
  if (opened_[room] > 0 || (active_ & channel) == 0) return;
  active_ = static_cast<std::uint8_t>(active_ & ~channel);
  world.send(world.link(index, true), {.kind = Request::Kind::unsubscribe, .room = room});
}

void Node::pump() {
  const bool is_congested = congested_until > world.now();
  const auto now = steady(world);
  bool progress = true;
  while (progress) {
    progress = !calls_.empty();
    while (!calls_.empty()) {
      const StrandCall call = calls_.front();
      calls_.pop_front();
      take_call(call);
    }
    if (!is_congested && take_mail()) progress = true;
    while (!is_congested) {
      auto read = feeds.next_read();
      if (!read) break;
      progress = true;
      most_reads = std::max(most_reads, feeds.reads_under_way());
      ask({.whose = Pending::Whose::feed, .read = std::move(*read)});
    }
    if (auto rooms = feeds.next_tops(now); !rooms.empty()) {
      progress = true;
      ask({.whose = Pending::Whose::feeds_tops, .rooms = std::move(rooms)});
    }
    for (const auto& shard : shards) {
      while (const auto asked = shard->reads.next()) {
        progress = true;
        most_page_reads = std::max(most_page_reads, shard->reads.under_way());
        ask({.whose = Pending::Whose::shard,
             .shard = shard->number,
             .number = asked->number,
             .read = {room_name(static_cast<const RoomPart*>(asked->host)->room), asked->read.after, asked->read.count,
                      0}});
      }
    }
  }
  if (world.link(index, false).state != Link::State::up) return;
  if (auto rooms = acked.next(kTopsCount, now); !rooms.empty()) {
    ask({.whose = Pending::Whose::acked_tops, .rooms = std::move(rooms)});
  }
  send_appends();
}

void Node::send_appends() {
  Link& link = world.link(index, false);
  while (const auto next = appends.next()) {
    Request request;
    request.room = next->item->room;
    request.process = known_process();
    request.publisher = id;
    request.sequence = made(StoreMistake::resent_with_new_number) ? ++renumbered_ : next->sequence;
    request.previous = next->previous;
    request.draft = *next->item;
    world.send(link, std::move(request));
  }
}

Process Node::known_process() const { return guards_ ? world.link(index, false).process : Process(); }

/// As RedisLogs does.
void Node::branch_began(std::uint32_t room) {
  if (guards_ && branches_.began(room_name(room), steady(world))) guards_ = false;
}

void Node::tick() {
  feeds.advance(steady(world));
  for (const Draft& draft : appends.expire(steady(world))) appended(draft, HistoryError::unavailable);
  while (!pending_.empty() && pending_.front().until <= world.now()) {
    const Pending pending = std::move(pending_.front());
    pending_.pop_front();
    answer(pending, HistoryError::unavailable, HistoryError::unavailable);
  }
  for (const auto& shard : shards) shard->advance();
  for (std::uint32_t room = 0; room < world.plan().rooms.size(); ++room) {
    if (const auto* feed = feeds.find(room_name(room))) most_buffered = std::max(most_buffered, feed->buffered());
  }
}

void Node::ask(Pending pending) {
  pending.id = ++last_id_;
  pending.until = world.now() + kPatience;
  pending_.push_back(std::move(pending));
  if (world.link(index, false).state == Link::State::up) send(pending_.back());
}

void Node::send(const Pending& pending) {
  Request request;
  request.id = pending.id;
  if (pending.rooms.empty()) {
    request.kind = Request::Kind::read;
    request.process = known_process();
    request.room = room_number(pending.read.room);
    request.after = pending.read.after;
    request.count = static_cast<std::uint32_t>(pending.read.count);
  } else {
    request.kind = Request::Kind::tops;
    for (const std::string& room : pending.rooms) request.rooms.push_back(room_number(room));
  }
  world.send(world.link(index, false), std::move(request));
}

void Node::answer(const Pending& pending, Result<LogPage> page, Result<std::vector<LogTop>> tops) {
  switch (pending.whose) {
    case Pending::Whose::feed:
      return feeds.page(pending.read, page, steady(world));
    case Pending::Whose::feeds_tops:
      return feeds.tops(pending.rooms, tops, steady(world));
    case Pending::Whose::acked_tops:
      return compare_acked(pending.rooms, tops);
    case Pending::Whose::shard: {
      Mail mail;
      mail.kind = Mail::Kind::page;
      mail.read = pending.number;
      mail.page = std::make_shared<const Result<LogPage>>(std::move(page));
      return post(pending.shard, std::move(mail));
    }
  }
}

void Node::compare_acked(const std::vector<std::string>& rooms, const Result<std::vector<LogTop>>& tops) {
  for (std::size_t i = 0; i < rooms.size(); ++i) {
    if (!tops) {
      acked.failed(rooms[i]);
      continue;
    }
    for (const history::Rollback& lost : acked.top(rooms[i], (*tops)[i])) {
      Record record;
      record.kind = RecordKind::rolled_back;
      record.who = id;
      record.room = room_number(lost.room);
      record.position = {lost.epoch, lost.from};
      record.top = lost.to;
      world.record(record);
    }
  }
}

void Node::appended(const Draft& draft, const Result<Appended>& result) {
  if (result && result->position.offset != 0) acked.acked(room_name(draft.room), result->position, steady(world));
  world.answer_publisher(draft, *this, result);
}

void Node::link_up(bool subscribing, bool is_back) {
  Link& link = world.link(index, subscribing);
  if (subscribing) {
    for (std::uint32_t room = 0; room < opened_.size(); ++room) {
      if (opened_[room] > 0) world.send(link, {.kind = Request::Kind::subscribe, .room = room});
    }
    return;
  }
  if (!made(StoreMistake::restarts_taken_for_flapping)) branches_.connected();
  // Both have to be to one process.
  if (Link& other = world.link(index, true);
      world.plan().one_server != 0 && other.state == Link::State::up && other.process.id != link.process.id) {
    world.close(other);
  }
  if (is_back) {
    feeds.store_changed();
    if (!made(StoreMistake::rollback_not_compared)) acked.store_changed();
  }
  send_appends();
  for (const Pending& pending : pending_) send(pending);
}

void Node::link_down(bool subscribing) {
  if (subscribing) {
    active_ = 0;
    return feeds.lost();
  }
  while (appends.under_way() > 0 && made(StoreMistake::acked_before_appended)) {
    if (const auto draft = appends.answered()) appended(*draft, Appended{{}, true});
  }
  while (appends.under_way() > 0 && made(StoreMistake::lost_append_not_resent)) appends.answered();
  appends.lost();
}

void Node::reply(bool subscribing, Reply& reply) {
  if (reply.is_branch) branch_began(reply.room);
  switch (reply.kind) {
    case Reply::Kind::appended:
      if (const auto draft = appends.answered()) appended(*draft, reply.appended);
      return;
    case Reply::Kind::refused:
      if (reply.to == Request::Kind::append) {
        if (const auto draft = appends.answered()) appended(*draft, HistoryError::refused);
        return;
      }
      [[fallthrough]];
    case Reply::Kind::page:
    case Reply::Kind::tops: {
      const auto found = std::find_if(pending_.begin(), pending_.end(),
                                      [&](const Pending& pending) { return pending.id == reply.id; });
      if (found == pending_.end()) return;  // given up
      const Pending pending = std::move(*found);
      pending_.erase(found);
      if (reply.kind == Reply::Kind::refused) return answer(pending, HistoryError::refused, HistoryError::refused);
      return answer(pending, std::move(reply.page), std::move(reply.tops));
    }
    case Reply::Kind::subscribed:
      active_ = static_cast<std::uint8_t>(active_ | 1U << reply.room);
      return feeds.subscribed(room_name(reply.room));
    case Reply::Kind::publication:
      return feeds.publication(reply.publication, steady(world));
    case Reply::Kind::out_of_order:
      return appends.out_of_order();
    case Reply::Kind::no_script:
      world.send(world.link(index, subscribing), {.kind = Request::Kind::load_script});
      if (reply.to == Request::Kind::append) return appends.out_of_order();
      for (const Pending& pending : pending_) {
        if (pending.id == reply.id) send(pending);
      }
      return;
  }
}

void Node::post(std::uint8_t shard, Mail mail) {
  shards[shard]->mail.push_back(std::move(mail));
  if (world.plan().mail_latency > 0) world.mail_waits(*this, *shards[shard]);
}

/// Empties the mailboxes, if that does not take time of its own.
bool Node::take_mail() {
  if (world.plan().mail_latency > 0) return false;
  bool any = false;
  for (const auto& shard : shards) {
    while (!shard->mail.empty()) {
      const Mail mail = std::move(shard->mail.front());
      shard->mail.pop_front();
      shard->take(mail);
      any = true;
    }
  }
  return any;
}

namespace {

Mail mail_for(const history::Opener& to, Mail::Kind kind) {
  Mail mail;
  mail.kind = kind;
  mail.ticket = to.ticket;
  mail.room = to.ticket % kMostRooms;
  return mail;
}

}  // namespace

void Node::opened(const history::Opener& to, const Position& position, const history::LogTopPtr& log) {
  Mail mail = mail_for(to, Mail::Kind::opened);
  mail.position = position;
  mail.log = log;
  post(to.shard, std::move(mail));
}

void Node::publication(const history::Opener& to, const PublicationPtr& publication) {
  Mail mail = mail_for(to, Mail::Kind::publication);
  mail.publication = publication;
  post(to.shard, std::move(mail));
}

void Node::lineage(const history::Opener& to, const history::LogTopPtr& log) {
  Mail mail = mail_for(to, Mail::Kind::lineage);
  mail.log = log;
  post(to.shard, std::move(mail));
}

void Node::reset(const history::Opener& to, history::Reason reason, const Position& position,
                 const history::LogTopPtr& log) {
  acked.log_changed(room_name(to.ticket % kMostRooms));
  Mail mail = mail_for(to, Mail::Kind::reset);
  mail.reason = reason;
  mail.position = position;
  mail.log = log;
  post(to.shard, std::move(mail));
}

void Node::confirmed(const history::Opener& to, std::uint32_t number, const history::LogTopPtr& log) {
  Mail mail = mail_for(to, Mail::Kind::confirmed);
  mail.number = number;
  mail.log = log;
  post(to.shard, std::move(mail));
}

}  // namespace hearth::sim
