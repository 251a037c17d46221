#pragma once

#include "hearth/server.hpp"
#include "server/life_cycle.hpp"
#include "server/striped_counter.hpp"
#include "shard/shard.hpp"

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth {

/// What the members of Server have in common.
class Server::Impl {
 public:
  explicit Impl(Options options) : life(std::move(options)) {}

  /// To whom it is for, here.
  void deliver(const Target& target, std::string_view event, const Json& data,
               std::span<const std::string> exclude = {}, std::string_view key = {});
  /// The same on every instance, where the target is no room that remembers.
  void publish(const Target& target, std::string_view event, const Json& data, const PublishOptions& options);
  /// With Options::log_payloads: a line of the log.
  void log_payload(const Target& target, std::string_view event, std::string_view data) const;
  /// Into the log of a room that remembers; its members get it from there.
  void append(std::string_view room, std::string_view event, const Json& data, const PublishOptions& options,
              const RoomRule& rule, Done<Appended> done);

  /// Has `function(Shard&)` run on the shard that a client lives on, if it is one of ours.
  template <class Function>
  void on_home(std::string_view client_id, Function function) {
    const auto id = protocol::ClientId::parse(client_id);
    if (shard::Shard* home = id ? life.switchboard().shard_of(*id) : nullptr) home->run(std::move(function));
  }

  /// Asks one shard, on its own thread, for what `question(Shard&)` returns; `Answer()` if it is gone.
  template <class Answer, class Question>
  Answer ask(shard::Shard& shard, const Question& question) const;

  /// Rooms with how many are in each on all shards.
  std::vector<BusyEntry> with_all_members(const std::vector<BusyEntry>& candidates) const;

  server::LifeCycle life;
  server::StripedCounter publications;  ///< the application's
};

template <class Answer, class Question>
Answer Server::Impl::ask(shard::Shard& shard, const Question& question) const {
  shard::Shard* const here = shard::Shard::current();
  if (here == &shard) return question(shard);
  auto promise = std::make_shared<std::promise<Answer>>();
  std::future<Answer> answer = promise->get_future();
  if (here == nullptr) {
    // Through the mailbox, so that a thread sees what it did itself before.
    // The task alone holds the promise: if it is dropped, the answer comes as an error.
    shard::Task task = [promise = std::move(promise), &question](shard::Shard& at) {
      promise->set_value(question(at));
    };
    if (!shard.post(std::move(task), true)) return {};
  } else {
    // Also a shard of another server: the one that is asked may be asking that one.
    const bool submitted = shard.desk().submit([promise = std::move(promise), &question, &shard, here] {
      promise->set_value(question(shard));
      here->desk().notify();
    });
    if (!submitted) return {};
    here->desk().serve_until([&] { return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
  }
  try {
    return answer.get();
  } catch (const std::future_error&) {
    return {};  // the shard ended first
  }
}

}  // namespace hearth
