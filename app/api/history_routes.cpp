#include "api/called_back.hpp"
#include "api/handlers.hpp"
#include "api/history_problem.hpp"
#include "config/times.hpp"
#include "hearth/history.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/array.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hearth::app::routes {

namespace {

constexpr std::size_t kHistoryPage = 100;
constexpr std::size_t kMostPublications = 1000;

boost::asio::awaitable<LogPage> read(const Server& server, std::string room, std::uint64_t after, std::size_t count) {
  const auto ask = [&](Done<LogPage> done) { server.history(room, after, count, std::move(done)); };
  auto page = co_await called_back<Result<LogPage>>(ask);
  if (!page) throw problem_of(page.error());
  co_return *std::move(page);
}

/// What lies between two offsets; a log gives as much at a time as it likes.
boost::asio::awaitable<LogPage> read_all(const Server& server, std::string room, std::uint64_t after,
                                         std::uint64_t before) {
  LogPage all = co_await read(server, room, after, before - after - 1);
  while (!all.publications.empty() && all.publications.back()->position().offset + 1 < before) {
    const std::uint64_t last = all.publications.back()->position().offset;
    LogPage more = co_await read(server, room, last, before - last - 1);
    if (more.publications.empty()) break;
    all.publications.insert(all.publications.end(), more.publications.begin(), more.publications.end());
  }
  co_return all;
}

boost::json::object publication_json(const StoredPublication& stored) {
  boost::json::object json{
      {"offset", stored.position().offset},
      {"epoch", stored.position().epoch.str()},
      {"time",
       config::show_time_exactly(std::chrono::system_clock::time_point(std::chrono::milliseconds(stored.time_ms())))},
      {"event", stored.event()}};
  if (stored.data().has_value()) json["data"] = stored.data().parse();
  if (stored.from().has_value()) json["from"] = stored.from().parse();
  if (!stored.key().empty()) json["key"] = stored.key();
  return json;
}

/// Offset of the oldest publication that is kept, by a page that begins with it; the next one's if none is.
std::uint64_t first_of(const LogPage& oldest) {
  return oldest.publications.empty() ? oldest.log.top.offset + 1 : oldest.publications.front()->position().offset;
}

boost::json::object history_json(const std::string& room, std::uint64_t first, const LogPage& page) {
  boost::json::array list;
  for (const PublicationPtr& stored : page.publications) list.push_back(publication_json(*stored));
  return {{"room", room},
          {"epoch", page.log.top.epoch.str()},
          {"offset", page.log.top.offset},
          {"first", first},
          {"publications", std::move(list)}};
}

}  // namespace

// The newest, unless it is said from where.
Awaited history(ApiDesk& desk, const ApiCall& call) {
  const std::string room(call.name);
  const std::size_t count = call.query.limit(kHistoryPage, kMostPublications);
  const auto after = call.query.number("after");
  const auto before = call.query.number("before");
  if (after && before) {
    throw ApiProblem{422, "invalid_value", "the parameters after and before exclude each other", {}};
  }
  const LogPage oldest = co_await read(desk.server, room, 0, 1);
  const std::uint64_t first = first_of(oldest);
  if (after) co_return answer_of(200, history_json(room, first, co_await read(desk.server, room, *after, count)));
  const std::uint64_t end = std::min(before.value_or(Position::kMostOffset), oldest.log.top.offset + 1);
  if (end <= 1) co_return answer_of(200, history_json(room, first, LogPage{oldest.log, {}}));
  const std::uint64_t begin = end - 1 > count ? end - 1 - count : 0;
  co_return answer_of(200, history_json(room, first, co_await read_all(desk.server, room, begin, end)));
}

Awaited erase_history(ApiDesk& desk, const ApiCall& call) {
  const std::string room(call.name);
  const auto ask = [&](Done<void> done) { desk.server.erase_history(room, std::move(done)); };
  const auto erased = co_await called_back<Result<void>>(ask);
  if (!erased) throw problem_of(erased.error());
  co_return ApiAnswer{};
}

}  // namespace hearth::app::routes
