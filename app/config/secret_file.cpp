#include "config/secret_file.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

namespace hearth::config {

namespace {

constexpr std::size_t kMostSecretBytes = 64 * 1024;

}  // namespace

std::variant<Value, Unfit> read_secrets(const Path& path, Shape shape) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostSecretBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return Unfit{"cannot be read: " + std::generic_category().message(errno != 0 ? errno : EIO)};
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMostSecretBytes) return Unfit{"is longer than 64 KiB, which no secret is"};
  if (shape == Shape::text) {
    text.resize(text.find_last_not_of("\r\n") + 1);
    return Value(text);
  }
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) lines.push_back(line);
  }
  return Value(lines);
}

std::optional<std::string> exposure_of(const Path& path, bool is_public) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || (status.st_mode & S_IRWXO) == 0) return std::nullopt;
  const bool readable = (status.st_mode & S_IROTH) != 0 && !is_public;
  const bool writable = (status.st_mode & S_IWOTH) != 0;
  if (!readable && !writable) return std::nullopt;
  return fmt::format("may be {} by every user of this machine (mode {:04o}); chmod o= {}",
                     !readable  ? "changed"
                     : writable ? "read and changed"
                                : "read",
                     status.st_mode & 07777U, path.string());
}

}  // namespace hearth::config
