#pragma once

#include "api/sources.hpp"
#include "config/config.hpp"

#include <mutex>
#include <vector>

namespace hearth::app {

/// When the certificates that are loaded end. Any thread.
class CertificateEnds {
 public:
  explicit CertificateEnds(const config::TlsConfig& config) { read(config); }

  /// Reads them anew; a file that is none is left out.
  void read(const config::TlsConfig& config);
  std::vector<CertificateEnd> list() const {
    const std::lock_guard lock(mutex_);
    return ends_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<CertificateEnd> ends_;  // guarded by mutex_
};

}  // namespace hearth::app
