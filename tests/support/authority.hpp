#pragma once

#include "hearth/tls.hpp"

#include <memory>
#include <string>
#include <vector>

namespace hearth::test {

/// What a certificate says.
struct CertificateText {
  std::string subject = "test";                 ///< its common name
  std::vector<std::string> names = {};          ///< `DNS:example.com`, `IP:127.0.0.1`
  enum class Kind { ec, rsa } kind = Kind::ec;  ///< of its key
  int days = 1;                                 ///< until it expires; below 0: it has
};

/// An authority that issues certificates, made anew. All in PEM.
class Authority {
 public:
  explicit Authority(const std::string& name = "Hearth test authority");
  ~Authority();
  Authority(Authority&&) noexcept;

  const std::string& certificate() const { return pem_; }
  TlsCertificate issue(const CertificateText& text) const;
  /// For a server on 127.0.0.1.
  TlsCertificate issue_for_loopback() const { return issue({"loopback", {"DNS:localhost", "IP:127.0.0.1"}}); }

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
  std::string pem_;
};

/// A key in PEM, encrypted with a password.
std::string encrypted_key(const std::string& key_pem, const std::string& password);

}  // namespace hearth::test
