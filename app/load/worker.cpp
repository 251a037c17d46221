#include "load/worker.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace hearth::load {

namespace {

constexpr std::size_t kBuffer = 256 * 1024;
constexpr int kEvents = 512;
constexpr std::uint64_t kSecond = 1'000'000'000;

}  // namespace

Worker::Worker(Run& run, unsigned number)
    : run_(run),
      plan_(run.plan),
      number_(number),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      buffer_(kBuffer),
      random_(number + 1) {
  if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  epoll_event event{};
  event.events = EPOLLIN;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wakeup_.fd(), &event);
  for (std::uint32_t i = number_; i < plan_.clients; i += plan_.threads) clients_.emplace_back(i);
  for (Lane& lane : run_.traffic.lanes) {
    if (lane.thread == number_ && !lane.streams.empty()) lanes_.push_back(&lane);
  }
  if (plan_.encrypt) {
    // One for all: the server makes a key pair a client, which is what is to be measured.
    key_pair_ = std::make_unique<crypto::KeyPair>(crypto::KeyPair::generate());
    public_key_ = crypto::encode_base64(key_pair_->public_key());
  }
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  post([this] { stopping_ = true; });
  thread_.join();
}

void Worker::start() { thread_ = std::thread(&Worker::run_thread, this); }

void Worker::post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  wakeup_.notify();
}

void Worker::run_thread() {
  while (!stopping_) {
    wait();
    take_tasks();
    drive();
    flush();
  }
}

void Worker::wait() {
  const std::uint64_t due = next_due();
  const std::uint64_t now = run_.now();
  const std::uint64_t left = due > now ? due - now : 0;
  const timespec timeout{static_cast<time_t>(left / kSecond), static_cast<long>(left % kSecond)};
  std::array<epoll_event, kEvents> events;
  const int count = ::epoll_pwait2(epoll_.get(), events.data(), kEvents, &timeout, nullptr);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    auto* client = static_cast<Client*>(event.data.ptr);
    if (client == nullptr) {
      wakeup_.clear();
    } else if (client->state == Client::State::connecting) {
      socket_ready(*client);
    } else if (client->state != Client::State::closed && client->state != Client::State::idle) {
      if ((event.events & EPOLLOUT) != 0) flush(*client);
      if ((event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) read(*client);
    }
  }
}

void Worker::take_tasks() {
  std::vector<std::function<void()>> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
  }
  for (const auto& task : tasks) task();
}

void Worker::flush() {
  for (std::size_t i = 0; i < dirty_.size(); ++i) {
    dirty_[i]->dirty = false;
    flush(*dirty_[i]);
  }
  dirty_.clear();
}

void Worker::flush(Client& client) {
  if (!client.fd || client.state == Client::State::connecting) return;
  while (client.written < client.out.size()) {
    const ssize_t sent =
        ::send(client.fd.get(), client.out.data() + client.written, client.out.size() - client.written, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) {
      if (!client.is_full) watch(client, true);
      return;
    }
    if (sent < 0) return lose(client, std::generic_category().message(errno));
    client.written += static_cast<std::size_t>(sent);
  }
  client.out.clear();
  client.written = 0;
  if (client.is_full) watch(client, false);
}

void Worker::watch(Client& client, bool for_writing) {
  client.is_full = for_writing;
  epoll_event event{};
  event.events = EPOLLIN | (for_writing ? static_cast<std::uint32_t>(EPOLLOUT) : 0);
  event.data.ptr = &client;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, client.fd.get(), &event);
}

void Worker::read(Client& client) {
  const ssize_t got = ::recv(client.fd.get(), buffer_.data(), buffer_.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got < 0) return lose(client, std::generic_category().message(errno));
  if (got == 0) return lose(client, "the server has closed the connection");
  std::span<char> bytes(buffer_.data(), static_cast<std::size_t>(got));
  if (client.state == Client::State::upgrading) bytes = bytes.subspan(read_head(client, {bytes.data(), bytes.size()}));
  if (client.state == Client::State::authenticating || client.state == Client::State::open) read_frames(client, bytes);
}

void Worker::error(Client& client, std::string what) {
  errors_.add();
  if (first_error_.empty()) first_error_ = "client " + std::to_string(client.index) + ": " + std::move(what);
}

void Worker::lose(Client& client, std::string why) {
  if (client.state == Client::State::closed) return;
  if (client.state != Client::State::open) --connecting_;
  client.state = Client::State::closed;
  client.fd.reset();
  client.memberships.clear();
  client.out.clear();
  client.written = 0;
  error(client, std::move(why));
}

}  // namespace hearth::load
