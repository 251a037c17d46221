#include "serve/certificate_watch.hpp"

#include <sys/stat.h>

#include <utility>

namespace hearth::app {

CertificateWatch::CertificateWatch(const config::Config& config, std::chrono::milliseconds interval)
    : interval_(interval),
      has_files_(!files_of(config).empty()),
      loaded_(stamps(files_of(config))),
      files_(files_of(config)) {}

CertificateWatch::Files CertificateWatch::files_of(const config::Config& config) {
  Files files;
  for (const config::TlsConfig* tls : {&config.server.tls, &config.api.tls}) {
    for (const config::CertificateConfig& one : tls->certificates) {
      files.push_back(one.cert);
      files.push_back(one.key);
    }
    if (tls->client_ca && !tls->certificates.empty()) files.push_back(*tls->client_ca);
  }
  return files;
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

void CertificateWatch::watch(const config::Config& config) {
  const std::lock_guard lock(mutex_);
  files_ = files_of(config);
}

void CertificateWatch::run(const std::function<bool()>& reload) {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait_for(lock, interval_, [this] { return is_over_ || is_wanted_; });
    if (is_over_) return;
    is_wanted_ = false;
    const Files files = files_;
    lock.unlock();
    // Taken before they are read: what changes meanwhile is seen at the next look.
    if (auto now = stamps(files); now != loaded_ && reload()) loaded_ = std::move(now);
    lock.lock();
  }
}

// Of what a link leads to, since that is how certificates are often exchanged.
std::vector<CertificateWatch::Stamp> CertificateWatch::stamps(const Files& files) {
  std::vector<Stamp> all;
  for (const std::filesystem::path& file : files) {
    struct stat state {};
    if (::stat(file.c_str(), &state) != 0) state = {};
    all.emplace_back(state.st_dev, state.st_ino, state.st_size, state.st_ctim.tv_sec, state.st_ctim.tv_nsec);
  }
  return all;
}

}  // namespace hearth::app
