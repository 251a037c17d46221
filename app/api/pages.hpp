#pragma once

#include "api/answer.hpp"
#include "hearth/options.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::app {

/// The dashboard's files, beside the routes. Immutable.
class ApiPages {
 public:
  explicit ApiPages(std::vector<Page> pages);

  /// What a request for one of them gets; nothing if there is none at that path. `known`: `If-None-Match`.
  std::optional<ApiAnswer> answer(std::string_view method, std::string_view path, std::string_view known) const;

 private:
  struct Entry {
    Page page;
    std::string tag;  ///< an ETag (RFC 9110, 8.8.3)
  };

  std::map<std::string, Entry, std::less<>> pages_;
};

}  // namespace hearth::app
