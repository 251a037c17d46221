#pragma once

#include "config/config.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>
#include <tuple>
#include <vector>

namespace hearth::app {

/// Looks every 30 s whether the files of certificates are others than those that were loaded, on a thread of its own.
class CertificateWatch {
 public:
  static constexpr std::chrono::milliseconds kInterval{30'000};

  /// Those of `[server.tls]` and of `[api.tls]`. What the files are like now counts as loaded, so make it before they
  /// are. Without certificates it does nothing.
  explicit CertificateWatch(const config::Config& config, std::chrono::milliseconds interval = kInterval);
  ~CertificateWatch();
  CertificateWatch(const CertificateWatch&) = delete;
  CertificateWatch& operator=(const CertificateWatch&) = delete;

  /// From now on `reload` is called when they have changed; with false it says that it failed, and is called again at
  /// the next look.
  void start(std::function<bool()> reload);
  /// Whether there is anything to look at.
  bool has_files() const noexcept { return has_files_; }
  /// From any thread: has it look now.
  void look();
  /// From any thread: has it look at other files from now on, which are loaded once more at the next look.
  void watch(const config::Config& config);

 private:
  /// Device, inode, size and time of change of a file; zeros if there is none.
  using Stamp = std::tuple<std::uint64_t, std::uint64_t, std::int64_t, std::int64_t, std::int64_t>;
  using Files = std::vector<std::filesystem::path>;
  static Files files_of(const config::Config& config);
  static std::vector<Stamp> stamps(const Files& files);
  void run(const std::function<bool()>& reload);

  const std::chrono::milliseconds interval_;
  const bool has_files_;
  std::vector<Stamp> loaded_;  // of the thread, once it runs
  std::mutex mutex_;
  std::condition_variable changed_;
  // guarded by mutex_
  Files files_;
  bool is_over_ = false;
  bool is_wanted_ = false;
  std::thread thread_;
};

}  // namespace hearth::app
