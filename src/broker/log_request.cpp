#include "broker/log_request.hpp"

#include "history/lineage.hpp"
#include "log/quoted.hpp"

#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <utility>

namespace hearth::broker {

namespace {

using redis::RespReply;

/// What is the same for all kinds: the result, and whom it is for.
template <class T>
class Request : public LogRequest {
 public:
  Request(std::string room, std::size_t bytes, Done<T> done)
      : LogRequest(std::move(room), bytes), done_(std::move(done)) {}

  void tell(bool /*is_replicated*/) override { done_(std::move(result_)); }
  void fail(HistoryError why) override { done_(why); }

 protected:
  void set(Result<T> result) { result_ = std::move(result); }
  /// Redis will not do it, or has answered what is no answer.
  Notes refuse(std::string_view what, const RespReply& reply) {
    result_ = HistoryError::refused;
    const std::string why = reply.is_error() ? log::quoted(reply.text()) : "with what is no answer";
    return {.is_refused = true,
            .complaint = "Redis refused to " + std::string(what) + " the log of " + log::quoted(room()) + ": " + why};
  }
  Result<T>& result() noexcept { return result_; }

 private:
  Done<T> done_;
  Result<T> result_ = HistoryError::unavailable;
};

class AppendRequest final : public Request<Appended> {
 public:
  AppendRequest(LogAppend append, Done<Appended> done)
      : Request(append.room, append.envelope.size() + append.idempotency_key.size() + append.room.size(),
                std::move(done)),
        append_(std::move(append)) {}

  const LogAppend* append() const noexcept override { return &append_; }

  Notes take(const RespReply& reply, std::size_t place) override {
    const auto read = read_append_reply(reply, place);
    if (!read) return refuse("append to", reply);
    if (read->is_out_of_order) return {.is_out_of_order = true};
    set(read->appended);
    Notes notes{.is_appended = !read->appended.duplicate, .is_branch = read->is_branch};
    if (!read->other_retention.empty()) {
      notes.retention = "the log of " + log::quoted(room()) + " was kept as `" + std::string(read->other_retention) +
                        "` (publications, milliseconds) by another instance, and is now kept as `" +
                        std::to_string(append_.retention.size) + ' ' + std::to_string(append_.retention.ttl.count()) +
                        "`; all should have the same rules";
    }
    return notes;
  }

  void tell(bool is_replicated) override {
    if (!is_replicated && result()) return fail(HistoryError::not_replicated);
    Request::tell(is_replicated);
  }

 private:
  const LogAppend append_;
};

class ReadRequest final : public Request<LogPage> {
 public:
  ReadRequest(LogRead read, Done<LogPage> done)
      : Request(read.room, read.room.size(), std::move(done)), read_(std::move(read)) {}

  std::string command(const LogConnection& connection, std::int64_t now_ms) override {
    return std::string(read_command(connection, read_, now_ms).bytes());
  }

  Notes take(const RespReply& reply, std::size_t /*place*/) override {
    auto read = read_page_reply(reply, room());
    if (!read) return refuse("read", reply);
    set(std::move(read->page));
    Notes notes{.is_branch = read->is_branch};
    if (read->is_damaged) {
      notes.complaint = "the log of " + log::quoted(room()) + " has something in it that is no publication";
    }
    return notes;
  }

 private:
  const LogRead read_;
};

class TopsRequest final : public Request<std::vector<LogTop>> {
 public:
  TopsRequest(std::vector<std::string> rooms, Done<std::vector<LogTop>> done)
      : Request({}, size_of(rooms), std::move(done)), rooms_(std::move(rooms)) {}

  std::size_t replies() const noexcept override { return rooms_.size(); }

  std::string command(const LogConnection& /*connection*/, std::int64_t /*now_ms*/) override {
    tops_.clear();
    is_refused_ = false;
    std::string all;
    for (const std::string& room : rooms_) all += top_command(room).bytes();
    return all;
  }

  Notes take(const RespReply& reply, std::size_t /*place*/) override {
    auto top = read_top_reply(reply);
    Notes notes;
    if (!top && !std::exchange(is_refused_, true)) notes = refuse("tell the top of", reply);
    tops_.push_back(std::move(top).value_or(LogTop()));
    if (tops_.size() == rooms_.size() && !is_refused_) set(std::move(tops_));
    return notes;
  }

 private:
  static std::size_t size_of(const std::vector<std::string>& rooms) {
    return std::accumulate(rooms.begin(), rooms.end(), std::size_t{0}, [](std::size_t sum, const std::string& room) {
      return sum + sizeof(std::string) + room.size();
    });
  }

  const std::vector<std::string> rooms_;
  std::vector<LogTop> tops_;
  bool is_refused_ = false;
};

/// The answers to questions for the top of one log each, until all are there. Any thread.
class GatheredTops {
 public:
  GatheredTops(std::size_t rooms, Done<std::vector<LogTop>> done)
      : done_(std::move(done)), tops_(rooms, history::untold_top()), missing_(rooms) {}

  void set(std::size_t place, LogTop top) {
    const std::lock_guard lock(mutex_);
    tops_[place] = std::move(top);
    any_ = true;
  }
  /// One is done, with what was set or without.
  void tell(HistoryError why_not) {
    {
      const std::lock_guard lock(mutex_);
      if (--missing_ > 0) return;
    }
    any_ ? done_(std::move(tops_)) : done_(why_not);
  }

 private:
  const Done<std::vector<LogTop>> done_;
  std::mutex mutex_;
  std::vector<LogTop> tops_;
  std::size_t missing_;
  bool any_ = false;
};

class TopRequest final : public LogRequest {
 public:
  TopRequest(const std::string& room, std::size_t place, std::shared_ptr<GatheredTops> tops)
      : LogRequest(room, sizeof(TopRequest) + room.size()), place_(place), tops_(std::move(tops)) {}

  std::string command(const LogConnection& /*connection*/, std::int64_t /*now_ms*/) override {
    return std::string(top_command(room()).bytes());
  }

  Notes take(const RespReply& reply, std::size_t /*place*/) override {
    auto top = read_top_reply(reply);
    if (!top) {
      const std::string why = reply.is_error() ? log::quoted(reply.text()) : "with what is no answer";
      return {.is_refused = true,
              .complaint = "Redis refused to tell the top of the log of " + log::quoted(room()) + ": " + why};
    }
    tops_->set(place_, *std::move(top));
    return {};
  }
  void tell(bool /*is_replicated*/) override { tops_->tell(HistoryError::refused); }
  void fail(HistoryError why) override { tops_->tell(why); }

 private:
  const std::size_t place_;
  const std::shared_ptr<GatheredTops> tops_;
};

class EraseRequest final : public Request<void> {
 public:
  EraseRequest(const std::string& room, Done<void> done) : Request(room, room.size(), std::move(done)) {}

  std::string command(const LogConnection& /*connection*/, std::int64_t /*now_ms*/) override {
    return std::string(erase_command(room()).bytes());
  }

  Notes take(const RespReply& reply, std::size_t /*place*/) override {
    if (reply.type() != RespReply::Type::integer) return refuse("erase", reply);
    set(Result<void>());
    return {};
  }
};

}  // namespace

LogRequestPtr append_request(LogAppend append, Done<Appended> done) {
  return std::make_unique<AppendRequest>(std::move(append), std::move(done));
}

LogRequestPtr read_request(LogRead read, Done<LogPage> done) {
  return std::make_unique<ReadRequest>(std::move(read), std::move(done));
}

LogRequestPtr tops_request(std::vector<std::string> rooms, Done<std::vector<LogTop>> done) {
  return std::make_unique<TopsRequest>(std::move(rooms), std::move(done));
}

std::vector<LogRequestPtr> top_requests(const std::vector<std::string>& rooms, Done<std::vector<LogTop>> done) {
  const auto tops = std::make_shared<GatheredTops>(rooms.size(), std::move(done));
  std::vector<LogRequestPtr> requests;
  for (std::size_t place = 0; place < rooms.size(); ++place) {
    requests.push_back(std::make_unique<TopRequest>(rooms[place], place, tops));
  }
  return requests;
}

LogRequestPtr erase_request(const std::string& room, Done<void> done) {
  return std::make_unique<EraseRequest>(room, std::move(done));
}

}  // namespace hearth::broker
