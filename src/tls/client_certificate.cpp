#include "tls/client_certificate.hpp"

#include "tls/error.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::tls {

namespace {

std::string_view text_of(const ASN1_STRING* string) {
  const auto* bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(string));
  return {bytes, static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string subject_of(X509* certificate) {
  const BioPointer out(BIO_new(BIO_s_mem()));
  // As RFC 4514 has it, and letters of other alphabets as they are.
  const unsigned long form = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  if (!out || X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, form) < 0) {
    openssl_failed("print a certificate's subject");
  }
  char* text = nullptr;
  const long length = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(length)};
}

std::optional<std::string> address_of(const ASN1_OCTET_STRING* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = ASN1_STRING_length(address) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(address) != 16) return std::nullopt;
  if (::inet_ntop(family, ASN1_STRING_get0_data(address), text.data(), text.size()) == nullptr) return std::nullopt;
  return std::string(text.data());
}

std::optional<std::string> name_of(const GENERAL_NAME& name) {
  switch (name.type) {
    case GEN_DNS:
      return "DNS:" + std::string(text_of(name.d.dNSName));
    case GEN_EMAIL:
      return "email:" + std::string(text_of(name.d.rfc822Name));
    case GEN_URI:
      return "URI:" + std::string(text_of(name.d.uniformResourceIdentifier));
    case GEN_IPADD: {
      const auto address = address_of(name.d.iPAddress);
      return address ? std::optional("IP:" + *address) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

std::string fingerprint_of(const X509* certificate) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &length) != 1) {
    openssl_failed("make a certificate's fingerprint");
  }
  std::string text;
  for (unsigned i = 0; i < length; ++i) {
    text += kDigits[digest[i] >> 4U];
    text += kDigits[digest[i] & 0xfU];
  }
  return text;
}

}  // namespace

ClientCertificate describe(X509* certificate) {
  ClientCertificate described{subject_of(certificate), {}, fingerprint_of(certificate)};
  const GeneralNamesPointer names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    if (auto name = name_of(*sk_GENERAL_NAME_value(names.get(), i))) described.names.push_back(std::move(*name));
  }
  ERR_clear_error();
  return described;
}

}  // namespace hearth::tls
