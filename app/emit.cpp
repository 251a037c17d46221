#include "emit.hpp"

#include "hearth/emitter.hpp"

#include <deque>
#include <fstream>
#include <future>
#include <iostream>
#include <iterator>
#include <optional>
#include <stdexcept>

namespace hearth::app {

namespace {

constexpr std::size_t kInFlight = 1024;  // messages that wait for their confirmation

/// The arguments made no sense.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Request {
  std::string kind;
  std::string target;
  std::string event;
  std::optional<std::string> json;
};

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
                             const std::vector<std::string>& exclude) {
  if (request.kind == "client") return emitter.to_client(request.target, request.event, data);
  if (request.kind == "user") return emitter.to_user(request.target, request.event, data);
  if (request.kind == "room") return emitter.to_room(request.target, request.event, data, exclude);
  return emitter.broadcast(request.event, data, exclude);
}

/// Standard input or a file, whichever was asked for.
class Input {
 public:
  explicit Input(const std::string& file) {
    if (file.empty() || file == "-") return;
    file_.open(file);
    file_.peek();  // a directory can be opened, and not read
    if (!file_.is_open() || file_.bad()) throw std::runtime_error("cannot read " + file);
  }
  std::istream& stream() { return file_.is_open() ? file_ : std::cin; }

 private:
  std::ifstream file_;
};

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

/// Takes results in the order of the lines, and says which went wrong.
class Results {
 public:
  void add(std::size_t line, std::future<EmitResult> result) {
    waiting_.push_back({line, std::move(result)});
    while (waiting_.size() > kInFlight) take();
  }
  bool finish() {
    while (!waiting_.empty()) take();
    return good_;
  }
  void fail(std::size_t line, const std::string& why) {
    std::cerr << "hearth emit: " << (line > 0 ? "line " + std::to_string(line) + ": " : "") << why << '\n';
    good_ = false;
  }

 private:
  void take() {
    const EmitResult result = waiting_.front().second.get();
    if (!result) fail(waiting_.front().first, result.error);
    waiting_.pop_front();
  }

  std::deque<std::pair<std::size_t, std::future<EmitResult>>> waiting_;
  bool good_ = true;
};

void emit_one(Emitter& emitter, const Request& request, const EmitArguments& arguments, Results& results) {
  std::string json = request.json.value_or(std::string());
  if (!arguments.file.empty()) {
    Input input(arguments.file);
    json.assign(std::istreambuf_iterator<char>(input.stream()), {});
    if (!is_blank(json)) check_json(json, "what --file gives");
  }
  results.add(0, is_blank(json) ? send(emitter, request, Json(), arguments.exclude)
                                : send(emitter, request, Json(json), arguments.exclude));
}

void emit_lines(Emitter& emitter, const Request& request, const EmitArguments& arguments, Results& results) {
  Input input(arguments.file);
  std::string line;
  for (std::size_t number = 1; std::getline(input.stream(), line); ++number) {
    if (is_blank(line)) continue;
    try {
      results.add(number, send(emitter, request, Json(line), arguments.exclude));
    } catch (const std::invalid_argument&) {
      results.fail(number, "it is not valid JSON; it was left out");
    }
  }
}

}  // namespace

int emit(const EmitArguments& arguments) {
  try {
    const Request request = read_request(arguments);
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

}  // namespace hearth::app
