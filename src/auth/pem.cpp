#include "auth/pem.hpp"

#include "auth/shown.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <climits>
#include <memory>
#include <string>

namespace hearth::auth {
namespace {

using crypto::OpenSslFree;
using crypto::PkeyPointer;
using Bio = std::unique_ptr<BIO, OpenSslFree<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, OpenSslFree<X509_free>>;

/// Longest PEM text: a chain of certificates, and room.
constexpr std::size_t kMostPem = 64 * 1024;

struct FreeBytes {
  template <class Byte>
  void operator()(Byte* bytes) const noexcept {
    OPENSSL_free(bytes);
  }
};

/// The first block.
struct Block {
  std::unique_ptr<char, FreeBytes> name;
  std::unique_ptr<char, FreeBytes> header;
  std::unique_ptr<unsigned char, FreeBytes> bytes;
  long size = 0;
};

Bio reader(std::string_view pem) {
  Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bio) crypto::openssl_failed("read PEM");
  return bio;
}

Block first_block(std::string_view pem) {
  const Bio bio = reader(pem);
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* bytes = nullptr;
  long size = 0;
  if (PEM_read_bio(bio.get(), &name, &header, &bytes, &size) != 1) {
    ERR_clear_error();
    return {};
  }
  return {decltype(Block::name)(name), decltype(Block::header)(header), decltype(Block::bytes)(bytes), size};
}

PkeyPointer key_of(const Block& block) {
  const unsigned char* at = block.bytes.get();
  if (std::string_view(block.name.get()) == PEM_STRING_PUBLIC) return PkeyPointer(d2i_PUBKEY(nullptr, &at, block.size));
  const Certificate certificate(d2i_X509(nullptr, &at, block.size));
  return PkeyPointer(certificate ? X509_get_pubkey(certificate.get()) : nullptr);
}

/// In place of OpenSSL's, which asks on the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

}  // namespace

bool looks_like_pem(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin != std::string_view::npos && text.substr(begin).starts_with("-----BEGIN ");
}

Parsed<PkeyPointer> public_key_in_pem(std::string_view pem) {
  if (pem.size() > kMostPem) return Problem{"is longer than 64 KiB"};
  const Block block = first_block(pem);
  if (!block.name)
    return Problem{"is not PEM; it begins with -----BEGIN PUBLIC KEY----- or -----BEGIN CERTIFICATE-----"};
  const std::string_view name = block.name.get();
  if (name.ends_with("PRIVATE KEY")) {
    return Problem{"is a private key; give the public one, which `openssl pkey -pubout` makes of it"};
  }
  if (name == PEM_STRING_RSA_PUBLIC) {
    return Problem{"is an RSA key in the form of PKCS #1; `openssl rsa -RSAPublicKey_in -pubout` makes SPKI of it"};
  }
  if (name != PEM_STRING_PUBLIC && name != PEM_STRING_X509) {
    return Problem{"is " + shown(name) + " in PEM; a PUBLIC KEY (SPKI) or a CERTIFICATE is wanted"};
  }
  PkeyPointer key = key_of(block);
  if (!key) {
    ERR_clear_error();
    return Problem{"is a " + std::string(name) +
                   " that cannot be read: damaged, or of a kind that OpenSSL does not know"};
  }
  return key;
}

Parsed<PkeyPointer> private_key_in_pem(std::string_view pem) {
  if (pem.size() > kMostPem) return Problem{"is longer than 64 KiB"};
  PkeyPointer key(PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, no_password, nullptr));
  if (!key) {
    ERR_clear_error();
    return Problem{"is not a private key in PEM that is not encrypted; `openssl pkey` makes one of an encrypted one"};
  }
  return key;
}

}  // namespace hearth::auth
