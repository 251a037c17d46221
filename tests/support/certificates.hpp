#pragma once

#include "support/redis_server.hpp"

#include <string>

namespace hearth::test {

/// An authority, `ca`, and certificates that it has signed: `server` for 127.0.0.1 and localhost, `client` for
/// elsewhere.test, `named` for redis.test. PEM files, made with openssl(1).
class Certificates {
 public:
  Certificates();
  /// `ca.crt`, `server.key` and so on.
  std::string file(const std::string& name) const { return (directory_.path() / name).string(); }

 private:
  void make_key(const std::string& name) const;
  void sign(const std::string& name, const std::string& extension) const;

  TemporaryDirectory directory_;
};

}  // namespace hearth::test
