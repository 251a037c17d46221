#include "http/response.hpp"

#include <gtest/gtest.h>

namespace hearth::http {
namespace {

TEST(HttpResponse, HasALengthAndCloses) {
  EXPECT_EQ(response(404, "text/plain", "Not here.\n", "X-A: b\r\n"),
            "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n"
            "X-A: b\r\n\r\nNot here.\n");
}

TEST(HttpResponse, LeavesTheBodyOutButNotItsLength) {
  const std::string text = response(200, "text/html", "<p>", {}, false);
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(text.ends_with("Content-Length: 3\r\n\r\n"));
}

}  // namespace
}  // namespace hearth::http
