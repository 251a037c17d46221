#include "api/history_problem.hpp"

#include "hearth/history.hpp"

namespace hearth::app {

ApiProblem problem_of(const std::error_code& error) {
  if (error == HistoryError::no_history) return {404, "no_history", error.message(), {}};
  if (error == HistoryError::too_large) return {413, "too_long", error.message(), "/data"};
  if (error == HistoryError::not_replicated) return {503, "not_replicated", error.message(), {}};
  return {503, "history_unavailable", error.message(), {}};
}

}  // namespace hearth::app
