#include "api/pages.hpp"

#include "api/digest.hpp"

#include <utility>

namespace hearth::app {

namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

std::string tag_of(std::string_view content) {
  constexpr std::size_t kEnough = 16;
  return '"' + hex_of(digest_of(content)).substr(0, kEnough) + '"';
}

}  // namespace

ApiPages::ApiPages(std::vector<Page> pages) {
  for (Page& page : pages) {
    std::string path = page.path;
    std::string tag = tag_of(page.content);
    pages_.emplace(std::move(path), Entry{std::move(page), std::move(tag)});
  }
}

std::optional<ApiAnswer> ApiPages::answer(std::string_view method, std::string_view path,
                                          std::string_view known) const {
  const auto found = pages_.find(path);
  if (found == pages_.end()) return std::nullopt;
  if (method != "GET" && method != "HEAD") {
    ApiAnswer wrong = answer_of({405, "method_not_allowed", "this is a page, which is for GET", {}});
    wrong.fields.emplace_back("Allow", "GET");
    return wrong;
  }
  const Entry& entry = found->second;
  ApiAnswer answer{200, {}, entry.page.content_type, {}, {}};
  answer.fields = {{"Cache-Control", "no-cache"},
                   {"ETag", entry.tag},
                   {"Content-Security-Policy", std::string(kPolicy)},
                   {"X-Content-Type-Options", "nosniff"},
                   {"Referrer-Policy", "no-referrer"},
                   {"Cross-Origin-Opener-Policy", "same-origin"},
                   {"Cross-Origin-Resource-Policy", "same-origin"}};
  if (known.find(entry.tag) != std::string_view::npos) {
    answer.status = 304;
  } else {
    answer.body = entry.page.content;
  }
  return answer;
}

}  // namespace hearth::app
