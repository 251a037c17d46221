#include "config/starter.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace hearth::config {

namespace {

// Without its comments this is the file of docs/configuration.md.
constexpr std::string_view kText = R"(# Hearth: who may connect, and what they may do. All keys: `hearth config keys`.
# Check a change with `hearth config check`.

# Clients show a token that was signed with this secret. `hearth token --user ann` makes one to try things out with;
# in earnest your own server does, with any library for JWT and the same secret. Keep it to yourselves.
[[auth.jwt]]
secret = "@"
algorithms = ["HS256"]

# Rules: the first whose pattern matches a room decides. A room that none matches is refused.

# Public: everybody may join, your server publishes.
[[rooms]]
pattern = "news:*"
join = "anyone"

# Everybody's own: ann may join user:ann, and nobody else may.
[[rooms]]
pattern = "user:{user}"
join = "users"

# Chats: those may join whose token grants it, and write who are in the room and have a user id.
[[rooms]]
pattern = "chat:*"
join = "granted"
publish = ["members", "users"]
)";

/// A descriptor that is closed again.
class OpenFile {
 public:
  explicit OpenFile(int fd) noexcept : fd_(fd) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

}  // namespace

std::string starter(const std::string& secret) {
  std::string text(kText);
  return text.replace(text.find('@'), 1, secret);
}

std::string starter_api_key(const std::string& key) {
  return R"(
# Who shows this key to the API may do everything with the server; the commands of this machine find it here.
[[api.keys]]
name = "operator"
key = ")" +
         key + "\"\n";
}

std::string make_secret() {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<unsigned char, 32> bytes{};
  if (::getentropy(bytes.data(), bytes.size()) != 0) {
    throw std::system_error(errno, std::generic_category(), "the system has no random bytes for a secret");
  }
  std::string text;
  unsigned waiting = 0;  // bits that have not been written
  unsigned count = 0;
  for (const unsigned char byte : bytes) {
    waiting = (waiting << 8 | byte) & 0xffffU;
    count += 8;
    while (count >= 6) {
      count -= 6;
      text += kAlphabet[waiting >> count & 0x3fU];
    }
  }
  text += kAlphabet[waiting << (6 - count) & 0x3fU];
  return text;
}

void write_new_file(const Path& path, const std::string& text) {
  const OpenFile file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0 && errno == EEXIST) {
    throw std::system_error(errno, std::generic_category(), path.string() + " is there already, and is left as it is");
  }
  if (file.get() < 0) throw std::system_error(errno, std::generic_category(), "cannot write " + path.string());
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(file.get(), text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      ::unlink(path.c_str());
      throw std::system_error(error, std::generic_category(), "cannot write " + path.string());
    }
    written += static_cast<std::size_t>(count);
  }
}

}  // namespace hearth::config
