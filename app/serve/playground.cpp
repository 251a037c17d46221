#include "serve/playground.hpp"

#include "embedded_files.hpp"
#include "hearth/version.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <string>
#include <utility>

namespace hearth::app {

namespace {

std::string_view content_type(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "application/octet-stream";
}

}  // namespace

std::vector<Page> playground_pages(std::string_view websocket_path, std::string_view encryption) {
  std::vector<Page> pages;
  for (const EmbeddedFile& file : embedded_files()) {
    std::string path("/");
    if (file.name != "index.html") path += file.name;
    pages.push_back({std::move(path), std::string(content_type(file.name)), std::string(file.content)});
  }
  const boost::json::object about{{"path", websocket_path}, {"version", kVersion}, {"encryption", encryption}};
  pages.push_back({"/hearth.json", "application/json", boost::json::serialize(about)});
  return pages;
}

}  // namespace hearth::app
