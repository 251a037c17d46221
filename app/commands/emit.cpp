#include "commands/commands.hpp"
#include "commands/redis_flag.hpp"
#include "config/retention.hpp"
#include "hearth/emitter.hpp"
#include "usage_error.hpp"

#include <CLI/App.hpp>
#include <CLI/Validators.hpp>

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <future>
#include <iostream>
#include <iterator>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace hearth::app {

namespace {

/// What `hearth emit` was told on the command line.
struct EmitArguments {
  std::string kind;  ///< client, user, room or broadcast
  /// [target] event [json]; those that are not there are nothing.
  std::array<std::optional<std::string>, 3> words;
  std::string redis;   ///< URL
  std::string file;    ///< to read the JSON from; `-`: standard input
  bool lines = false;  ///< one message a line
  std::vector<std::string> exclude;
  std::string history;  ///< `1000,10m`: into the room's log
  std::string once;     ///< idempotency key
  std::string key;      ///< what `latest` keeps the newest of
};

constexpr std::size_t kInFlight = 1024;  // messages that wait for their confirmation

struct Request {
  std::string kind;
  std::string target;
  std::string event;
  std::optional<std::string> json;
  std::optional<Retention> history{};
};

Retention read_history(const EmitArguments& arguments) {
  if (arguments.kind != "room") throw UsageError("--history is for rooms alone");
  const auto read = config::parse_retention(arguments.history);
  if (const auto* wrong = std::get_if<std::string>(&read)) throw UsageError("--history " + *wrong);
  return std::get<Retention>(read);
}

Request read_request(const EmitArguments& arguments) {
  Request request{arguments.kind, {}, {}, {}};
  auto next = arguments.words.begin();
  const auto end = arguments.words.end();
  const auto take = [&](const char* what) {
    if (next == end || !*next) throw UsageError(std::string(what) + " is missing");
    if ((*next)->empty()) throw UsageError(std::string(what) + " is empty");
    return **next++;
  };
  if (request.kind != "broadcast") request.target = take("the target");
  request.event = take("the event");
  if (next != end && *next) request.json = take("the JSON");
  if (next != end && *next) throw UsageError("`" + **next + "` is one argument too many");
  if (request.json && (arguments.lines || !arguments.file.empty())) {
    throw UsageError("the JSON is given as an argument and by --file or --lines too");
  }
  const bool excludes = request.kind == "room" || request.kind == "broadcast";
  if (!arguments.exclude.empty() && !excludes) throw UsageError("--exclude is for rooms and broadcasts alone");
  if (!arguments.history.empty()) request.history = read_history(arguments);
  if (!request.history && !(arguments.once.empty() && arguments.key.empty())) {
    throw UsageError("--idempotency-key and --key are for --history alone");
  }
  return request;
}

void check_json(const std::string& json, const std::string& what) {
  try {
    static_cast<void>(Json(json));
  } catch (const std::invalid_argument&) {
    throw UsageError(what + " is not valid JSON; a text stands in quotation marks, as in '\"hello\"'");
  }
}

std::future<EmitResult> send(Emitter& emitter, const Request& request, const Json& data,
                             const EmitArguments& arguments) {
  const std::vector<std::string>& exclude = arguments.exclude;
  if (request.history) {
    return emitter.to_room(request.target, request.event, data, *request.history, arguments.once, arguments.key,
                           exclude);
  }
  if (request.kind == "client") return emitter.to_client(request.target, request.event, data);
  if (request.kind == "user") return emitter.to_user(request.target, request.event, data);
  if (request.kind == "room") return emitter.to_room(request.target, request.event, data, exclude);
  return emitter.broadcast(request.event, data, exclude);
}

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

/// Standard input or a file, whichever was asked for, without the byte order mark that some programs put first.
class Input {
 public:
  explicit Input(const std::string& file) {
    if (file.empty() || file == "-") return;
    file_.open(file);
    file_.peek();  // a directory can be opened, and not read
    if (!file_.is_open() || file_.bad()) throw std::runtime_error("cannot read " + file);
  }
  /// Nothing at its end.
  std::optional<std::string> line() {
    std::string text;
    if (!std::getline(stream(), text)) return std::nullopt;
    return without_mark(std::move(text));
  }
  std::string all() { return without_mark(std::string(std::istreambuf_iterator<char>(stream()), {})); }

 private:
  std::istream& stream() { return file_.is_open() ? file_ : std::cin; }
  std::string without_mark(std::string text) {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    if (std::exchange(begun_, true) || !text.starts_with(kMark)) return text;
    return text.substr(kMark.size());
  }

  std::ifstream file_;
  bool begun_ = false;
};

/// Says which messages were not taken as soon as that is known, on a thread of its own: the next line of the input may
/// be long in coming, or never come.
class Results {
 public:
  Results() : thread_([this] { run(); }) {}
  ~Results() { finish(); }
  Results(const Results&) = delete;
  Results& operator=(const Results&) = delete;

  /// `line`: of the input; 0 if it has none. Waits while too many have not been answered.
  void add(std::size_t line, std::future<EmitResult> result) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_.size() < kInFlight; });
    waiting_.push_back({line, std::move(result)});
    changed_.notify_all();
  }
  void fail(std::size_t line, const std::string& why) {
    // Whole, since both threads write.
    std::cerr << "hearth emit: " + (line > 0 ? "line " + std::to_string(line) + ": " : std::string()) + why + '\n';
    good_ = false;
  }
  /// Returns when all have been answered: whether all is well.
  bool finish() {
    {
      const std::lock_guard lock(mutex_);
      is_last_ = true;
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
    return good_;
  }

 private:
  struct Waiting {
    std::size_t line;
    std::future<EmitResult> result;
  };

  static void tell(const EmitResult& result) {
    std::cout << result.position.epoch.str() + ' ' + std::to_string(result.position.offset) +
                     (result.duplicate ? " duplicate\n" : "\n")
              << std::flush;
  }

  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return is_last_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      Waiting& first = waiting_.front();  // stays where it is: this thread alone takes any away
      lock.unlock();
      const EmitResult result = first.result.get();
      if (!result) fail(first.line, result.error);
      if (result.position.offset != 0) tell(result);
      lock.lock();
      waiting_.pop_front();
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;  // guarded by mutex_
  bool is_last_ = false;         // guarded by mutex_
  std::atomic<bool> good_{true};
  std::thread thread_;  // last: it uses all others
};

void emit_one(Emitter& emitter, const Request& request, const EmitArguments& arguments, Results& results) {
  std::string json = request.json.value_or(std::string());
  if (!arguments.file.empty()) {
    json = Input(arguments.file).all();
    if (!is_blank(json)) check_json(json, "what --file gives");
  }
  results.add(
      0, is_blank(json) ? send(emitter, request, Json(), arguments) : send(emitter, request, Json(json), arguments));
}

void emit_lines(Emitter& emitter, const Request& request, const EmitArguments& arguments, Results& results) {
  Input input(arguments.file);
  for (std::size_t number = 1; const auto line = input.line(); ++number) {
    if (is_blank(*line)) continue;
    try {
      results.add(number, send(emitter, request, Json(*line), arguments));
    } catch (const std::invalid_argument&) {
      results.fail(number, "it is not valid JSON; it was left out");
    }
  }
}

void describe(CLI::App& emit, EmitArguments& arguments) {
  emit.add_option("kind", arguments.kind, "client, user, room or broadcast")
      ->required()
      ->check(CLI::IsMember({"client", "user", "room", "broadcast"}));
  // Words of their own: a list of words would take the brackets of a JSON array for its own.
  emit.add_option("word1", arguments.words[0], "Client id, user id or room; for broadcast the event")
      ->required()
      ->type_name("TARGET");
  emit.add_option("word2", arguments.words[1], "The event; for broadcast the data")->type_name("EVENT");
  emit.add_option("word3", arguments.words[2], "The data as JSON, if any")->type_name("JSON");
  emit.add_option("--redis", arguments.redis, "URL of the cluster's Redis")
      ->required()
      ->envname("HEARTH_REDIS")
      ->check(CLI::Validator(check_redis, ""));
  emit.add_option("--file", arguments.file, "Read the JSON from this file; - is standard input");
  emit.add_flag("--lines", arguments.lines, "Send one message for each line of standard input, or of --file");
  emit.add_option("--exclude", arguments.exclude, "Client that gets nothing; may be repeated")->allow_extra_args(false);
  emit.add_option("--history", arguments.history,
                  "Keep it in the room's log, with so many publications and for so long, and print its position")
      ->type_name("SIZE[,TIME]");
  emit.add_option("--idempotency-key", arguments.once,
                  "With --history: what was sent with the same key in the last five minutes is not sent again");
  emit.add_option("--key", arguments.key, "With --history: slow clients need only the newest with this key");
  emit.footer(R"(Examples:
  hearth emit room lobby news '{"text":"hello"}' --redis redis://127.0.0.1:6379
  hearth emit room lobby news '{"text":"hello"}' --history 1000,10m --redis redis://127.0.0.1:6379
  hearth emit broadcast maintenance --redis redis://127.0.0.1:6379
  tail -f prices.jsonl | hearth emit room prices price --lines --redis redis://127.0.0.1:6379
Exit code: 0 if Redis has taken every message, 1 if not, 2 if the arguments are wrong.)");
}

int run(const EmitArguments& arguments) {
  try {
    const Request request = read_request(arguments);
    if (arguments.lines && !arguments.once.empty()) {
      throw UsageError("--idempotency-key is for one message; with --lines all but the first would be dropped");
    }
    if (request.json) check_json(*request.json, '`' + *request.json + '`');  // before anything is connected
    Emitter emitter(arguments.redis);
    emitter.wait_until_ready();
    Results results;
    (arguments.lines ? emit_lines : emit_one)(emitter, request, arguments, results);
    return results.finish() ? 0 : 1;
  } catch (const UsageError& error) {
    std::cerr << "hearth emit: " << error.what() << "; see hearth emit --help\n";
  } catch (const std::invalid_argument& error) {
    std::cerr << "hearth emit: " << error.what() << '\n';
  }
  return 2;
}

}  // namespace

void add_emit(CommandList& commands) {
  commands.add<EmitArguments>("emit", "Send to clients of a cluster, through its Redis", describe, run);
}

}  // namespace hearth::app
