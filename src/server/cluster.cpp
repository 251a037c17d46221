#include "server/cluster.hpp"

#include "hearth/query.hpp"
#include "shard/shard.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace hearth::server {

namespace {

constexpr std::size_t kMostRooms = 100;  // of a client in an answer
constexpr std::size_t kMostAnswer = kMaxControlSize - 4096;
constexpr std::size_t kLongestName = 256;  // bytes of what another instance calls itself

/// An answer that the shards make together. When the last of them lets it go, it is there.
class Gathering {
 public:
  Gathering(NodeAnswer answer, std::function<void(NodeAnswer)> then)
      : answer_(std::move(answer)), then_(std::move(then)) {}
  ~Gathering() {
    try {
      then_(std::move(answer_));
    } catch (const std::exception&) {
      return;  // no memory for it: it is as if this instance had not answered
    }
  }
  Gathering(const Gathering&) = delete;
  Gathering& operator=(const Gathering&) = delete;

  void add(std::vector<ClientSnapshot> clients, std::size_t members, bool is_all) {
    const std::lock_guard lock(mutex_);
    answer_.members += members;
    answer_.is_whole = answer_.is_whole && is_all;
    for (ClientSnapshot& client : clients) {
      if (answer_.clients.size() < kMostListed) {
        answer_.clients.push_back(std::move(client));
      } else {
        answer_.is_whole = false;
      }
    }
  }

 private:
  std::mutex mutex_;
  NodeAnswer answer_;
  const std::function<void(NodeAnswer)> then_;
};

void contribute(const shard::Shard& at, const ClusterQuestion& question, Gathering& gathering) {
  std::vector<ClientSnapshot> clients;
  std::size_t count = 0;
  const auto add = [&](const hub::Client& client) {
    if (++count <= kMostListed) clients.push_back(at.snapshot(client, kMostRooms));
  };
  if (question.about == ClusterQuestion::About::client) {
    if (const hub::Client* client = at.hub().find(question.name)) add(*client);
  } else if (question.about == ClusterQuestion::About::user) {
    at.hub().for_each_of_user(question.name, add);
  } else if (question.about == ClusterQuestion::About::room) {
    at.hub().for_each_in_room(question.name, add);
  }
  const std::size_t members = question.about == ClusterQuestion::About::room ? count : 0;
  gathering.add(std::move(clients), members, count <= kMostListed);
}

}  // namespace

bool Cluster::say(const std::string& json) const {
  if (broker() == nullptr) return false;
  try {
    return broker()->control(JsonView::trusted(json));
  } catch (const std::exception&) {
    return false;
  }
}

void Cluster::begin() {
  {
    const std::lock_guard lock(mutex_);
    is_running_ = true;
  }
  announce();
}

void Cluster::end() {
  std::map<std::uint64_t, Asked> dropped;  // outside of the lock
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(is_running_, false)) return;
    dropped.swap(asked_);
  }
  announce(true);
}

// Where what others say does not come in, nothing is said either: Redis may forbid both.
void Cluster::announce(bool is_ending) {
  if (broker() == nullptr || !broker()->statistics().control) return;
  say(beat_json({plane_->options().identifier, is_ending}));
}

void Cluster::heard(std::string_view id, std::string name, bool is_ending) {
  if (name.size() > kLongestName) name.resize(kLongestName);
  if (is_ending) return ended(std::string(id));
  bool is_new = false;
  {
    const std::lock_guard lock(mutex_);
    const auto known = nodes_.find(id);
    if (known != nodes_.end()) {
      known->second = {std::move(name)};
    } else if (is_running_ && nodes_.size() < kMostNodes) {
      nodes_.emplace(std::string(id), Node{std::move(name)});
      is_new = true;
    }
  }
  if (is_new) announce();
}

// Nobody waits for it any more.
void Cluster::ended(const std::string& id) {
  std::vector<std::uint64_t> numbers;
  {
    const std::lock_guard lock(mutex_);
    nodes_.erase(id);
    for (auto& [number, asked] : asked_) {
      if (asked.missing.erase(id) == 0) continue;
      asked.answers.erase(id);
      numbers.push_back(number);
    }
  }
  for (const std::uint64_t number : numbers) finish(number, false);
}

bool Cluster::hear(const BrokerControl& control) {
  if (control.op == "beat") {
    const auto beat = read_beat(control.message);
    if (beat) heard(control.sender, beat->name, beat->is_ending);
    return true;
  }
  if (control.op == "query") {
    if (const auto question = read_question(control.message)) answer(std::string(control.sender), *question);
    return true;
  }
  if (control.op != "answer") return false;
  auto numbered = read_answer(control.message);
  if (!numbered) return true;
  heard(control.sender, numbered->answer.name, false);
  if (broker() == nullptr || numbered->to != broker()->instance_id()) return true;
  numbered->answer.id = control.sender;
  take(numbered->number, std::move(numbered->answer));
  return true;
}

void Cluster::answer_here(const ClusterQuestion& question, std::function<void(NodeAnswer)> then) {
  NodeAnswer mine;
  if (broker() != nullptr) mine.id = broker()->instance_id();
  mine.name = plane_->options().identifier;
  mine.answered = true;
  mine.node = report_();
  if (question.about == ClusterQuestion::About::blocks) mine.blocks = blocks_.list(std::chrono::system_clock::now());
  const auto gathering = std::make_shared<Gathering>(std::move(mine), std::move(then));
  const auto asked = std::make_shared<const ClusterQuestion>(question);
  for (const auto& shard : switchboard_.shards()) {
    shard->post([gathering, asked](shard::Shard& at) { contribute(at, *asked, *gathering); }, false);
  }
}

void Cluster::answer(std::string to, const NumberedQuestion& question) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_running_) return;
  }
  answer_here(question.question,
              [self = shared_from_this(), to = std::move(to), number = question.number](NodeAnswer mine) {
                self->say(answer_json({to, number, std::move(mine)}, kMostAnswer));
              });
}

void Cluster::ask(const ClusterQuestion& question, std::chrono::milliseconds within, Done done) {
  std::uint64_t number = 0;
  bool asks_others = false;
  {
    const std::lock_guard lock(mutex_);
    if (!is_running_) return;
    number = ++last_number_;
    Asked& asked = asked_[number];
    asked.done = std::move(done);
    for (const auto& [id, node] : nodes_) {
      asked.answers[id] = NodeAnswer{id, node.name};
      asked.missing.insert(id);
    }
    asks_others = asked_.size() <= kMostQuestions;
  }
  asks_others = asks_others && say(question_json({number, question}));
  expire_later(number, asks_others ? within : std::chrono::milliseconds(0));
  answer_here(question, [self = shared_from_this(), number](NodeAnswer mine) {
    {
      const std::lock_guard lock(self->mutex_);
      const auto asked = self->asked_.find(number);
      if (asked == self->asked_.end()) return;
      asked->second.own = std::move(mine);
    }
    self->finish(number, false);
  });
}

void Cluster::take(std::uint64_t number, NodeAnswer answer) {
  {
    const std::lock_guard lock(mutex_);
    const auto asked = asked_.find(number);
    if (asked == asked_.end()) return;
    asked->second.missing.erase(answer.id);
    asked->second.answers[answer.id] = std::move(answer);
  }
  finish(number, false);
}

// It is as late as it was to be, or the server is gone.
void Cluster::expire_later(std::uint64_t number, std::chrono::milliseconds within) {
  boost::asio::post(plane_->executor(), [weak = weak_from_this(), plane = plane_, number, within] {
    const auto timer = std::make_shared<boost::asio::steady_timer>(plane->executor(), within);
    timer->async_wait([weak, timer, number](const boost::system::error_code& /*error*/) {
      if (const auto self = weak.lock()) self->finish(number, true);
    });
  });
}

void Cluster::finish(std::uint64_t number, bool is_late) {
  Asked ended;
  {
    const std::lock_guard lock(mutex_);
    const auto asked = asked_.find(number);
    if (asked == asked_.end()) return;
    // Late or not, this instance's own answer is on its way: its shards answer in the time that they need.
    if (is_late) asked->second.is_late = true;
    const bool is_done = asked->second.own && (asked->second.missing.empty() || asked->second.is_late);
    if (!is_done) return;
    ended = std::move(asked->second);
    asked_.erase(asked);
    const auto now = Clock::now();
    for (const std::string& id : ended.missing) {
      const auto node = nodes_.find(id);
      if (node == nodes_.end()) continue;
      if (!node->second.silent_since) node->second.silent_since = now;
      if (now - *node->second.silent_since >= kPatience) nodes_.erase(node);
    }
  }
  std::vector<NodeAnswer> answers;
  answers.push_back(*std::move(ended.own));
  for (auto& [id, answer] : ended.answers) answers.push_back(std::move(answer));
  ended.done(std::move(answers));
}

}  // namespace hearth::server
