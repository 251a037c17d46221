#include "sim/store.hpp"

#include "history/lineage.hpp"
#include "sim/mistakes.hpp"

#include <algorithm>

namespace hearth::sim {

std::string room_name(std::uint32_t room) { return std::string("room").append(std::to_string(room)); }

std::uint32_t room_number(std::string_view name) { return static_cast<std::uint32_t>(name.back() - '0'); }

std::string client_name(std::uint32_t client) { return std::string("c").append(std::to_string(client)); }

namespace {

/// Whether a log whose last branch began with `known` may have lost its end.
bool is_another(const Process& known, const Process& its) {
  if (its.id == 0 || made(StoreMistake::new_process_unnoticed)) return false;
  // ⚑ One that was a replica meanwhile has what its master had.
  return its.id != known.id || (its.promoted > known.promoted && !made(StoreMistake::promotion_not_compared));
}

}  // namespace

/// The head of both scripts: the epoch of a room that has none, and a branch when another process began the last one.
/// Whether one began, of a log that there was.
bool Logs::touch(std::uint32_t room, const Context& context) {
  Log& log = logs_[room];
  const bool is_new = log.log.lineage.empty();
  if (is_new) {
    log.entries.clear();
    log.log.top.offset = 0;
  }
  if (!is_new && !is_another(log.process, context.process)) return false;
  ++written_;
  log.process = context.process;
  Epoch epoch = context.new_epoch;
  // ⚑ Epochs have to be random: counted ones give the same position twice when two replicas go on from one past.
  if (!is_new && made(StoreMistake::epochs_counted)) epoch.bits = log.log.lineage.back().epoch.bits + 1;
  history::begin_branch(log.log, epoch);
  const auto& lineage = log.log.lineage;
  on_branch_(room, lineage.back(), lineage.size() > 1 ? lineage[lineage.size() - 2].epoch : Epoch{});
  return !is_new;
}

std::uint64_t& Logs::sequence_of(Log& log, std::uint32_t node) {
  for (auto& [known, sequence] : log.sequences) {
    if (known == node) return sequence;
  }
  return log.sequences.emplace_back(node, 0).second;
}

Logs::Outcome Logs::append(const Context& context, const Appending& what) {
  const Draft& draft = *what.draft;
  Log& log = logs_[draft.room];
  std::uint64_t& sequence = sequence_of(log, what.node);
  const auto once = once_.find({draft.room, draft.once});
  const bool is_known = draft.once != 0 && once != once_.end() && !made(StoreMistake::key_not_looked_up);
  const Position known = is_known ? once->second : Position{};
  if (sequence >= what.sequence && !made(StoreMistake::resent_not_recognised)) return {.appended = {known, true}};
  if (sequence < what.previous && !made(StoreMistake::order_not_compared)) return {.is_out_of_order = true};
  if (is_known) {
    sequence = what.sequence;  // the next one has to find that this is done
    return {.appended = {known, true}};
  }
  const bool is_branch = touch(draft.room, context);
  ++written_;
  const Position position{history::newest_epoch(log.log), log.log.top.offset + 1};
  log.log.top = position;
  auto publication =
      std::make_shared<const StoredPublication>(Publication{.room = room_name(draft.room),
                                                            .position = position,
                                                            .event = "e",
                                                            .data = JsonView::trusted(std::to_string(draft.key)),
                                                            .key = draft.conflates ? "k" : std::string_view(),
                                                            .exclude = what.exclude,
                                                            .time_ms = context.now_ms});
  log.entries.push_back(publication);
  log.retention = context.retention;
  if (log.entries.size() > context.retention.size + context.trim_slack) {
    while (log.entries.size() > context.retention.size) log.entries.pop_front();
  }
  sequence = what.sequence;
  if (draft.once != 0) once_.insert_or_assign({draft.room, draft.once}, position);
  return {.is_branch = is_branch, .appended = {position, false}, .publication = std::move(publication)};
}

Logs::Page Logs::read(std::uint32_t room, const Context& context, std::uint64_t after, std::size_t count,
                      std::size_t page_fits) {
  const bool is_branch = touch(room, context);
  Log& log = logs_[room];
  drop_old(log, context.now_ms);
  Page read{{log.log, {}}, is_branch};
  LogPage& page = read.page;
  if (log.entries.empty()) return read;
  const std::uint64_t first = log.entries.front()->position().offset;
  const std::size_t most = std::min(count, page_fits);
  for (std::size_t at = after < first ? 0 : after - first + 1; at < log.entries.size(); ++at) {
    if (page.publications.size() == most) break;
    page.publications.push_back(log.entries[at]);
  }
  return read;
}

LogTop Logs::top(std::uint32_t room) const { return logs_[room].log; }

void Logs::drop_old(Log& log, std::int64_t now_ms) {
  const std::int64_t ttl = log.retention.ttl.count();
  while (!log.entries.empty() && log.entries.front()->time_ms() + ttl <= now_ms) log.entries.pop_front();
}

void Logs::flush() {
  for (Log& log : logs_) log = Log();
  once_.clear();
  ++written_;
}

void Logs::evict_meta(std::uint32_t room) {
  Log& log = logs_[room];
  log.log = LogTop();
  log.sequences.clear();
}

void Logs::erase(std::uint32_t room) { logs_[room] = Log(); }

}  // namespace hearth::sim
