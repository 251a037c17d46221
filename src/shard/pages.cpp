#include "shard/pages.hpp"

#include "http/head.hpp"
#include "http/response.hpp"

#include <algorithm>

namespace hearth::shard {

http::Answer answer_page(std::span<const Page> pages, const http::Request& request) {
  const auto page = std::find_if(pages.begin(), pages.end(),
                                 [&](const Page& candidate) { return http::same_path(candidate.path, request.path); });
  if (page == pages.end()) return http::Answer::nothing();
  if (request.method != "GET" && request.method != "HEAD") {
    return http::response(405, "text/plain; charset=utf-8", "This page can only be read\n", "Allow: GET, HEAD\r\n");
  }
  return http::response(200, page->content_type, page->content,
                        "Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\n", request.method == "GET");
}

}  // namespace hearth::shard
