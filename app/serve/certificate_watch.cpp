#include "serve/certificate_watch.hpp"

#include <sys/stat.h>

#include <utility>

namespace hearth::app {

CertificateWatch::CertificateWatch(const config::TlsConfig& config, std::chrono::milliseconds interval)
    : interval_(interval) {
  if (config.certificates.empty()) return;
  for (const config::CertificateConfig& one : config.certificates) {
    files_.push_back(one.cert);
    files_.push_back(one.key);
  }
  if (config.client_ca) files_.push_back(*config.client_ca);
  loaded_ = stamps();
}

CertificateWatch::~CertificateWatch() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void CertificateWatch::start(std::function<bool()> reload) {
  if (!has_files()) return;
  thread_ = std::thread([this, reload = std::move(reload)] { run(reload); });
}

void CertificateWatch::look() {
  {
    const std::lock_guard lock(mutex_);
    is_wanted_ = true;
  }
  changed_.notify_all();
}

void CertificateWatch::run(const std::function<bool()>& reload) {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait_for(lock, interval_, [this] { return is_over_ || is_wanted_; });
    if (is_over_) return;
    is_wanted_ = false;
    lock.unlock();
    // Taken before they are read: what changes meanwhile is seen at the next look.
    if (auto now = stamps(); now != loaded_ && reload()) loaded_ = std::move(now);
    lock.lock();
  }
}

// Of what a link leads to, since that is how certificates are often exchanged.
std::vector<CertificateWatch::Stamp> CertificateWatch::stamps() const {
  std::vector<Stamp> all;
  for (const std::filesystem::path& file : files_) {
    struct stat state {};
    if (::stat(file.c_str(), &state) != 0) state = {};
    all.emplace_back(state.st_dev, state.st_ino, state.st_size, state.st_ctim.tv_sec, state.st_ctim.tv_nsec);
  }
  return all;
}

}  // namespace hearth::app
