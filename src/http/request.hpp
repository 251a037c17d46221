#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace hearth::http {

/// A request that is no WebSocket upgrade. Views: good for as long as the call that it is an argument of.
struct Request {
  std::string_view method;
  std::string_view path;  ///< without the query
  std::string_view body{};
};

/// What becomes of a request: a whole response, nothing there, or a response that is given later.
class Answer {
 public:
  static Answer nothing() { return Answer(Kind::nothing, {}); }
  static Answer later() { return Answer(Kind::later, {}); }
  Answer(std::string response) : Answer(Kind::now, std::move(response)) {}

  bool is_nothing() const noexcept { return kind_ == Kind::nothing; }
  bool is_later() const noexcept { return kind_ == Kind::later; }
  const std::string& response() const noexcept { return response_; }

 private:
  enum class Kind : unsigned char { now, later, nothing };
  Answer(Kind kind, std::string response) : kind_(kind), response_(std::move(response)) {}

  Kind kind_;
  std::string response_;
};

}  // namespace hearth::http
