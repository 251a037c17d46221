#pragma once

#include "hearth/server.hpp"
#include "support/test_client.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::test {

/// Takes any client; `userId` in its data, if there is one, is the user.
AuthenticateResult accept_anybody(const AuthenticateRequest& request);

/// Takes every client into every room it asks for.
std::vector<std::string> allow_all(const ValidateRoomRequest& request);

/// What a server has logged so far. For any thread.
class LogLines {
 public:
  struct Line {
    LogLevel level;
    std::string text;
  };
  void add(LogLevel level, std::string_view text);
  std::vector<Line> lines() const;
  /// How many lines contain `part`.
  std::size_t count(std::string_view part) const;

 private:
  mutable std::mutex mutex_;
  std::vector<Line> lines_;
};

/// A server for one test: on a free port of 127.0.0.1 with one shard, taking anybody, and keeping its log, where the
/// options given say nothing else. Handlers can refer to it before it is started.
class TestServer {
 public:
  /// Makes the server without starting it.
  Server& make(Options options);
  void start(Options options = {}) { make(std::move(options)).start(); }
  void destroy() { server_.reset(); }

  Server* operator->() { return server_.get(); }
  Server& operator*() { return *server_; }
  Server& server() const { return *server_; }
  /// What it has logged up to now.
  const LogLines& log() const;

  std::string address() const { return server_->addresses().front(); }
  /// A client that has upgraded.
  TestClient connect(int receive_buffer = 0) const;
  /// A client that has authenticated, as a user unless the name is empty.
  TestClient client(std::string_view user = {}) const;
  /// Returns once the shards have done, and written out, all that this thread has had posted to them.
  void fence() const;

 private:
  LogLines log_;
  std::unique_ptr<Server> server_;
};

}  // namespace hearth::test
