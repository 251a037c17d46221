#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::app {

/// The rest of an answer that goes on for as long as somebody reads it.
class ApiStream {
 public:
  virtual ~ApiStream() = default;
  /// What is to be written next; empty: that was all.
  virtual boost::asio::awaitable<std::string> next() = 0;
};

/// What a request to the API gets.
struct ApiAnswer {
  unsigned status = 200;
  std::string body{"{}"};
  std::string_view content_type{"application/json"};
  std::vector<std::pair<std::string_view, std::string>> fields{};
  std::unique_ptr<ApiStream> stream{};  ///< in place of the body
};

ApiAnswer answer_of(unsigned status, const boost::json::object& body);

/// Something wrong with a request (RFC 9457).
struct ApiProblem {
  unsigned status = 400;
  std::string_view code{};  ///< a word, for programs
  std::string detail{};     ///< a sentence, for people
  std::string pointer{};    ///< JSON pointer of the member that is wrong; empty if it is none
};

/// As `application/problem+json`.
ApiAnswer answer_of(const ApiProblem& problem);

}  // namespace hearth::app
