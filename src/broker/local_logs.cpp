#include "broker/local_logs.hpp"

#include "broker/new_epoch.hpp"
#include "history/lineage.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace hearth::broker {

namespace {

// A room and a key as one text, which no other room and key have.
std::string text_of(std::string_view room, std::string_view key) {
  std::string text = std::to_string(room.size());
  return text.append(":").append(room).append(key);
}

std::size_t size_of(const Publication& publication) {
  return publication.room.size() + publication.event.size() + publication.data.text().size() +
         publication.from.text().size() + publication.key.size();
}

}  // namespace

Result<LocalLogs::Written> LocalLogs::append(Publication publication, const Retention& retention,
                                             std::string_view idempotency_key, std::int64_t now) {
  if (size_of(publication) > History::kMostPublicationSize) return HistoryError::too_large;
  sweep(now);
  drop_old_keys(now);
  std::string key;
  if (!idempotency_key.empty()) {
    key = text_of(publication.room, idempotency_key);
    if (const auto seen = keys_.find(key); seen != keys_.end()) return Written{{seen->second, true}, nullptr};
  }
  Log& log = log_of(publication.room, now);
  if (log.log.top.offset == Position::kMostOffset) return HistoryError::refused;
  publication.position = {history::newest_epoch(log.log), log.log.top.offset + 1};
  if (publication.time_ms == 0) publication.time_ms = now;
  auto stored = std::make_shared<const StoredPublication>(publication);
  log.log.top = publication.position;
  log.retention = retention;
  log.written = now;
  log.publications.push_back(stored);
  drop_old(log, now);
  logs_.splice(logs_.end(), logs_, by_room_.at(log.room));
  if (!key.empty()) remember_key(std::move(key), publication.position, now);
  return Written{{publication.position, false}, std::move(stored)};
}

LogPage LocalLogs::read(std::string_view room, std::uint64_t after, std::size_t count, std::int64_t now) {
  Log& log = log_of(room, now);
  drop_old(log, now);
  LogPage page{log.log, {}};
  if (log.publications.empty() || count == 0) return page;
  const std::uint64_t first = log.publications.front()->position().offset;
  std::size_t bytes = 0;
  for (std::size_t at = after < first ? 0 : after - first + 1; at < log.publications.size(); ++at) {
    bytes += log.publications[at]->text().size();
    const bool full = page.publications.size() == count || bytes > History::kMostPageSize;
    if (full && !page.publications.empty()) break;
    page.publications.push_back(log.publications[at]);
  }
  return page;
}

LogTop LocalLogs::top(std::string_view room) const {
  const auto found = by_room_.find(room);
  return found == by_room_.end() ? LogTop{} : found->second->log;
}

void LocalLogs::erase(std::string_view room) {
  if (const auto found = by_room_.find(room); found != by_room_.end()) forget(found->second);
}

LocalLogs::Log& LocalLogs::log_of(std::string_view room, std::int64_t now) {
  if (const auto found = by_room_.find(room); found != by_room_.end()) return *found->second;
  if (logs_.size() == kMostLogs) forget(logs_.begin());
  Log& log = logs_.emplace_back();
  log.room = room;
  log.written = now;
  history::begin_branch(log.log, new_epoch());
  by_room_.emplace(log.room, std::prev(logs_.end()));
  return log;
}

void LocalLogs::forget(Logs::iterator log) {
  if (swept_ == log) ++swept_;
  by_room_.erase(log->room);
  logs_.erase(log);
}

// From the front alone, so that no hole comes to be, whatever the clock has done in between.
void LocalLogs::drop_old(Log& log, std::int64_t now) {
  auto& kept = log.publications;
  while (kept.size() > log.retention.size) kept.pop_front();
  while (!kept.empty() && kept.front()->time_ms() + log.retention.ttl.count() <= now) kept.pop_front();
}

// Nobody wakes this up when something becomes too old; so each append looks at two logs more.
void LocalLogs::sweep(std::int64_t now) {
  for (int i = 0; i < 2 && !logs_.empty(); ++i) {
    if (swept_ == logs_.end()) swept_ = logs_.begin();
    const auto log = swept_++;
    drop_old(*log, now);
    if (log->publications.empty() && log->written + kLogLife <= now) forget(log);
  }
}

void LocalLogs::drop_old_keys(std::int64_t now) {
  while (!keys_by_age_.empty() && (keys_by_age_.front().until <= now || keys_.size() > kMostKeys)) {
    keys_.erase(keys_by_age_.front().text);
    keys_by_age_.pop_front();
  }
}

void LocalLogs::remember_key(std::string text, const Position& position, std::int64_t now) {
  keys_by_age_.push_back({text, now + kKeyLife});
  keys_.emplace(std::move(text), position);
}

}  // namespace hearth::broker
