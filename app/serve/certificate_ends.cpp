#include "serve/certificate_ends.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace hearth::app {

namespace {

/// Of the first certificate of a file, which is the server's own.
std::optional<std::time_t> end_of(const std::filesystem::path& file) {
  const std::unique_ptr<BIO, decltype(&::BIO_free)> in(::BIO_new_file(file.c_str(), "r"), &::BIO_free);
  if (!in) {
    ::ERR_clear_error();
    return std::nullopt;
  }
  const std::unique_ptr<X509, decltype(&::X509_free)> certificate(
      ::PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), &::X509_free);
  std::tm parts{};
  const bool is_read = certificate && ::ASN1_TIME_to_tm(::X509_get0_notAfter(certificate.get()), &parts) == 1;
  ::ERR_clear_error();
  if (!is_read) return std::nullopt;
  return ::timegm(&parts);
}

}  // namespace

void CertificateEnds::read(const config::Config& config) {
  std::set<std::filesystem::path> files;
  for (const config::TlsConfig* tls : {&config.server.tls, &config.api.tls}) {
    for (const config::CertificateConfig& one : tls->certificates) files.insert(one.cert);
  }
  std::vector<CertificateEnd> ends;
  for (const std::filesystem::path& file : files) {
    if (const auto end = end_of(file)) ends.push_back({file.string(), static_cast<double>(*end)});
  }
  const std::lock_guard lock(mutex_);
  ends_ = std::move(ends);
}

}  // namespace hearth::app
