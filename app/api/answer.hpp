#pragma once

#include <boost/json/object.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::app {

class EventStream;

/// What a request to the API gets.
struct ApiAnswer {
  unsigned status = 200;
  std::string body{"{}"};
  std::string_view content_type{"application/json"};
  std::vector<std::pair<std::string_view, std::string>> fields{};
  std::shared_ptr<EventStream> events{};  ///< what follows the head in place of a body, if it is a stream
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
