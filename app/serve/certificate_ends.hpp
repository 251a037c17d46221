#pragma once

#include "api/sources.hpp"
#include "config/config.hpp"

#include <mutex>
#include <vector>

namespace hearth::app {

/// When the certificates that are loaded end. Any thread.
class CertificateEnds {
 public:
  explicit CertificateEnds(const config::Config& config) { read(config); }

  /// Reads those of the server and of the API anew, each once; a file that is none is left out.
  void read(const config::Config& config);
  std::vector<CertificateEnd> list() const {
    const std::lock_guard lock(mutex_);
    return ends_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<CertificateEnd> ends_;  // guarded by mutex_
};

}  // namespace hearth::app
