#include "api/answer.hpp"

#include <boost/json/serialize.hpp>

namespace hearth::app {

ApiAnswer answer_of(unsigned status, const boost::json::object& body) {
  return {status, boost::json::serialize(body), "application/json", {}, {}};
}

ApiAnswer answer_of(const ApiProblem& problem) {
  boost::json::object body{{"status", problem.status}, {"code", std::string(problem.code)}, {"detail", problem.detail}};
  if (!problem.pointer.empty()) body["pointer"] = problem.pointer;
  return {problem.status, boost::json::serialize(body), "application/problem+json", {}, {}};
}

}  // namespace hearth::app
