#include "broker/cutting_proxy.hpp"

#include "support/socket.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace hearth::test {

namespace {

constexpr std::size_t kMouthful = 65'536;
constexpr int kLookAround = 5;  // milliseconds, for new connections and for the end

/// What has come; nothing at the end.
std::optional<std::string> take(int fd) {
  std::string bytes(kMouthful, '\0');
  const ssize_t got = ::recv(fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return std::string();
  if (got <= 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

}  // namespace

struct CuttingProxy::Pair {
  net::FileDescriptor program;
  net::FileDescriptor server;
  std::optional<std::size_t> answer_left;  // then it ends
};

CuttingProxy::CuttingProxy(std::uint16_t server) : server_(server) {
  thread_ = std::thread([this] { run(); });
}

CuttingProxy::~CuttingProxy() {
  stop_ = true;
  thread_.join();
}

void CuttingProxy::plan(Cut cut) {
  const std::lock_guard lock(mutex_);
  cut_ = std::move(cut);
}

bool CuttingProxy::has_cut() const {
  const std::lock_guard lock(mutex_);
  return !cut_;
}

void CuttingProxy::run() {
  std::vector<Pair> pairs;
  while (!stop_) {
    std::vector<pollfd> polled{{listener_.fd.get(), POLLIN, 0}};
    for (const Pair& pair : pairs) {
      polled.push_back({pair.program.get(), POLLIN, 0});
      polled.push_back({pair.server.get(), POLLIN, 0});
    }
    ::poll(polled.data(), polled.size(), kLookAround);
    std::erase_if(pairs, [this](Pair& pair) { return !pass_questions(pair) || !pass_answers(pair); });
    const int fd = ::accept4(listener_.fd.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) {
      pairs.push_back({net::FileDescriptor(fd), connect_to("127.0.0.1:" + std::to_string(server_)), std::nullopt});
    }
  }
}

bool CuttingProxy::pass_questions(Pair& pair) {
  const auto bytes = take(pair.program.get());
  if (!bytes) return false;
  std::string_view passed = *bytes;
  bool ends = false;
  {
    const std::lock_guard lock(mutex_);
    if (cut_ && passed.find(cut_->mark) != std::string_view::npos) {
      ends = !cut_->in_answer;
      if (ends) passed = passed.substr(0, cut_->bytes);
      if (!ends) pair.answer_left = cut_->bytes;
      cut_.reset();
    }
  }
  return write_all(pair.server.get(), passed) && !ends;
}

bool CuttingProxy::pass_answers(Pair& pair) {
  if (pair.answer_left == 0U) {
    // The question has to have been answered, or nothing was cut.
    pollfd waits{pair.server.get(), POLLIN, 0};
    return ::poll(&waits, 1, 0) == 0;
  }
  const auto bytes = take(pair.server.get());
  if (!bytes) return false;
  if (!pair.answer_left) return write_all(pair.program.get(), *bytes);
  const std::string_view passed = std::string_view(*bytes).substr(0, *pair.answer_left);
  *pair.answer_left -= passed.size();
  write_all(pair.program.get(), passed);
  return passed.size() == bytes->size();
}

}  // namespace hearth::test
