#include "support/authority.hpp"

#include "tls/pointers.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <stdexcept>

namespace hearth::test {

namespace {

using tls::BioPointer;
using tls::PkeyPointer;
using tls::X509Pointer;
using NamePointer = std::unique_ptr<X509_NAME, tls::OpenSslFree<X509_NAME_free>>;
using ExtensionPointer = std::unique_ptr<X509_EXTENSION, tls::OpenSslFree<X509_EXTENSION_free>>;

void demand(bool done) {
  if (!done) throw std::runtime_error("OpenSSL cannot make a certificate");
}

std::string text_in(BIO* bio) {
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio, &text);
  return {text, static_cast<std::size_t>(length)};
}

std::string pem_of(X509* certificate) {
  const BioPointer out(BIO_new(BIO_s_mem()));
  demand(PEM_write_bio_X509(out.get(), certificate) == 1);
  return text_in(out.get());
}

std::string pem_of(EVP_PKEY* key) {
  const BioPointer out(BIO_new(BIO_s_mem()));
  demand(PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_in(out.get());
}

NamePointer name_of(const std::string& common_name) {
  NamePointer name(X509_NAME_new());
  const auto add = [&](const char* field, const std::string& value) {
    demand(X509_NAME_add_entry_by_txt(name.get(), field, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(value.data()),
                                      static_cast<int>(value.size()), -1, 0) == 1);
  };
  add("O", "Hearth tests");
  add("CN", common_name);
  return name;
}

void extend(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const ExtensionPointer extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  demand(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

X509Pointer blank(EVP_PKEY* key, const std::string& subject, int days) {
  X509Pointer certificate(X509_new());
  unsigned serial = 0;
  demand(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), static_cast<long>(serial >> 1U));
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3L * 24 * 3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), static_cast<long>(days) * 24 * 3600);
  X509_set_subject_name(certificate.get(), name_of(subject).get());
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

}  // namespace

struct Authority::Keys {
  PkeyPointer key{EVP_EC_gen("P-256")};
  X509Pointer certificate;
};

Authority::Authority(const std::string& name) : keys_(std::make_unique<Keys>()) {
  keys_->certificate = blank(keys_->key.get(), name, 2);
  X509* own = keys_->certificate.get();
  X509_set_issuer_name(own, X509_get_subject_name(own));
  extend(own, NID_basic_constraints, "critical,CA:TRUE");
  demand(X509_sign(own, keys_->key.get(), EVP_sha256()) > 0);
  pem_ = pem_of(own);
}

Authority::~Authority() = default;
Authority::Authority(Authority&&) noexcept = default;

TlsCertificate Authority::issue(const CertificateText& text) const {
  const PkeyPointer key(text.kind == CertificateText::Kind::rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
  const X509Pointer certificate = blank(key.get(), text.subject, text.days);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(keys_->certificate.get()));
  if (!text.names.empty()) extend(certificate.get(), NID_subject_alt_name, joined(text.names));
  demand(X509_sign(certificate.get(), keys_->key.get(), EVP_sha256()) > 0);
  return {pem_of(certificate.get()), pem_of(key.get())};
}

std::string encrypted_key(const std::string& key_pem, const std::string& password) {
  const BioPointer in(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  const PkeyPointer key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  const BioPointer out(BIO_new(BIO_s_mem()));
  const auto* bytes = reinterpret_cast<const unsigned char*>(password.data());
  demand(PEM_write_bio_PrivateKey(out.get(), key.get(), EVP_aes_128_cbc(), bytes, static_cast<int>(password.size()),
                                  nullptr, nullptr) == 1);
  return text_in(out.get());
}

}  // namespace hearth::test
