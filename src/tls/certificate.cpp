#include "tls/certificate.hpp"

#include "tls/error.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <utility>

namespace hearth::tls {

namespace {

BioPointer over(const std::string& text) {
  BioPointer bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!bio) openssl_failed("read from memory");
  return bio;
}

// Without it OpenSSL would ask at the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return -1;
}

PkeyPointer read_key(const Pem& pem, const std::string& what) {
  const BioPointer bio = over(pem.text);
  bool was_asked = false;
  ERR_clear_error();
  PkeyPointer key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, &was_asked));
  if (was_asked) {
    ERR_clear_error();
    refuse(what + ": the key in " + pem.origin + " is encrypted, and nobody is asked for a passphrase; decrypt it (" +
           "openssl pkey -in KEY -out NEW) and protect the file by its mode");
  }
  if (!key) refuse(what + ": " + pem.origin + " has no private key in PEM: " + take_error());
  return key;
}

std::vector<std::string> names_of(X509* certificate) {
  std::vector<std::string> names;
  const GeneralNamesPointer found(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(found.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(found.get(), i);
    if (name->type != GEN_DNS) continue;
    const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
    names.emplace_back(text, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
  }
  ERR_clear_error();
  return names;
}

}  // namespace

std::vector<X509Pointer> read_certificates(const Pem& pem, std::string_view what) {
  const BioPointer bio = over(pem.text);
  std::vector<X509Pointer> all;
  ERR_clear_error();
  while (X509Pointer one{PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr)}) all.push_back(std::move(one));
  // Any other end than that of the text is a certificate that is cut off or damaged.
  const bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (all.empty() || !is_end) {
    const std::string why = all.empty() && is_end ? "there is none" : take_error();
    ERR_clear_error();
    refuse(std::string(what) + ": " + pem.origin + " cannot be read as certificates in PEM: " + why);
  }
  ERR_clear_error();
  return all;
}

Certificate read_certificate(const TlsCertificate& options, const std::string& what) {
  const Pem pem = read_pem(options.certificate, what + ".certificate");
  Pem key_pem = read_pem(options.key, what + ".key");
  Certificate certificate;
  certificate.chain = read_certificates(pem, what + ".certificate");
  certificate.own = std::move(certificate.chain.front());
  certificate.chain.erase(certificate.chain.begin());
  certificate.key = read_key(key_pem, what + ".key");
  OPENSSL_cleanse(key_pem.text.data(), key_pem.text.size());
  if (X509_check_private_key(certificate.own.get(), certificate.key.get()) != 1) {
    ERR_clear_error();
    refuse(what + ": the certificate in " + pem.origin + " and the key in " + key_pem.origin +
           " do not belong together; if they are being replaced, one of them is still the old one");
  }
  certificate.names = names_of(certificate.own.get());
  return certificate;
}

}  // namespace hearth::tls
