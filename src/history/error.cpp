#include "hearth/history.hpp"

#include <string>
#include <system_error>

namespace hearth {

namespace {

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "hearth.history"; }

  std::string message(int value) const override {
    switch (static_cast<HistoryError>(value)) {
      case HistoryError::unavailable:
        return "the log could not be reached; what was appended may be there, the same with its key can be tried again";
      case HistoryError::not_replicated:
        return "appended, but not confirmed by as many replicas as wanted; the same with its key can be tried again";
      case HistoryError::too_large:
        return "the publication is larger than 64 MiB";
      case HistoryError::refused:
        return "the store refused it";
      case HistoryError::no_history:
        return "the room keeps no history; give its rule a history_size";
    }
    return "unknown error";
  }
};

}  // namespace

const std::error_category& history_category() noexcept {
  static const Category category;
  return category;
}

}  // namespace hearth
