#include "serve/embedded_pages.hpp"

#include "embedded_files.hpp"
#include "hearth/version.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <string>
#include <utility>

namespace hearth::app {

namespace {

constexpr std::string_view kDashboard = "dashboard/";
constexpr std::string_view kShared = "shared/";  ///< what the playground has, too
constexpr std::string_view kIndex = "index.html";

std::string_view content_type(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "application/octet-stream";
}

Page page_of(const EmbeddedFile& file, std::string path) {
  return {std::move(path), std::string(content_type(file.name)), std::string(file.content)};
}

}  // namespace

std::vector<Page> playground_pages(const PlaygroundFacts& facts) {
  std::vector<Page> pages;
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.name.starts_with(kDashboard)) continue;
    pages.push_back(page_of(file, file.name == kIndex ? "/" : '/' + std::string(file.name)));
  }
  const boost::json::object about{{"path", facts.websocket_path},
                                  {"version", kVersion},
                                  {"encryption", facts.encryption},
                                  {"presence", facts.has_presence}};
  pages.push_back({"/hearth.json", "application/json", boost::json::serialize(about)});
  return pages;
}

std::vector<Page> dashboard_pages() {
  std::vector<Page> pages;
  for (const EmbeddedFile& file : embedded_files()) {
    if (!file.name.starts_with(kDashboard) && !file.name.starts_with(kShared)) continue;
    const bool is_first = file.name == std::string(kDashboard).append(kIndex);
    pages.push_back(page_of(file, is_first ? "/" : '/' + std::string(file.name)));
  }
  return pages;
}

}  // namespace hearth::app
