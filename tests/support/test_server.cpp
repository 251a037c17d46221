#include "support/test_server.hpp"

#include "support/patience.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace hearth::test {

AuthenticateResult accept_anybody(const AuthenticateRequest& request) {
  Identity identity;
  const boost::json::value data = request.data.parse();
  if (const auto* object = data.if_object()) {
    const auto* user = object->if_contains("userId");
    if (user != nullptr && user->is_string()) identity.user_id = std::string(user->get_string());
  }
  return identity;
}

std::vector<std::string> allow_all(const ValidateRoomRequest& request) {
  return {request.rooms.begin(), request.rooms.end()};
}

void LogLines::add(LogLevel level, std::string_view text) {
  const std::lock_guard lock(mutex_);
  lines_.push_back({level, std::string(text)});
}

std::vector<LogLines::Line> LogLines::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

std::size_t LogLines::count(std::string_view part) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(
      lines_.begin(), lines_.end(), [&](const Line& line) { return line.text.find(part) != std::string::npos; }));
}

Server& TestServer::make(Options options) {
  if (options.identifier.empty()) options.identifier = "test";
  if (options.listen == Options().listen) options.listen = {"127.0.0.1:0"};
  if (options.threads == 0) options.threads = 1;
  if (!options.authenticate) options.authenticate = accept_anybody;
  options.log_level = LogLevel::trace;
  options.log = [this](LogLevel level, std::string_view line) { log_.add(level, line); };
  server_ = std::make_unique<Server>(std::move(options));
  return *server_;
}

// Lines are written in the order in which they were left, so that what comes last says that all is there.
const LogLines& TestServer::log() const {
  static std::atomic<int> lines{0};
  if (server_) {
    const std::string last = "the last line is " + std::to_string(++lines) + ';';
    server_->log(LogLevel::error, last);
    eventually("the log", [&] { return log_.count(last) == 1; });
  }
  return log_;
}

TestClient TestServer::connect(int receive_buffer) const {
  TestClient client(address(), receive_buffer);
  client.upgrade(server_->path());
  return client;
}

TestClient TestServer::client(std::string_view user) const {
  TestClient client = connect();
  if (user.empty()) {
    client.authenticate();
  } else {
    client.authenticate_as(user);
  }
  return client;
}

// A tick answers questions first and takes the mail then, so that the second answer comes from a later tick than the
// one that has taken everything.
void TestServer::fence() const {
  for (int i = 0; i < 2; ++i) static_cast<void>(server_->clients());
}

}  // namespace hearth::test
