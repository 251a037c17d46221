#include "tls/pem.hpp"

#include <openssl/crypto.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <system_error>

namespace hearth::tls {

namespace {

struct Close {
  void operator()(std::FILE* file) const noexcept { static_cast<void>(std::fclose(file)); }
};

[[noreturn]] void cannot_read(const std::string& path, std::string_view what, int error) {
  refuse(std::string(what) + ": `" + path + "` cannot be read: " + std::generic_category().message(error));
}

std::string read_file(const std::string& path, std::string_view what) {
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "re"));
  if (!file) cannot_read(path, what, errno);
  std::string text;
  std::array<char, 16384> part;
  std::size_t got = 0;
  while ((got = std::fread(part.data(), 1, part.size(), file.get())) > 0) {
    if (text.size() + got > kMaxPem)
      refuse(std::string(what) + ": `" + path + "` is longer than 1 MiB; that is no PEM");
    text.append(part.data(), got);
  }
  const int error = errno;
  OPENSSL_cleanse(part.data(), part.size());
  if (std::ferror(file.get()) != 0) cannot_read(path, what, error);
  return text;
}

}  // namespace

void refuse(const std::string& why) { throw std::invalid_argument("hearth: tls: " + why); }

Pem read_pem(const std::string& value, std::string_view what) {
  if (value.empty()) refuse(std::string(what) + " is not given; it is PEM text or the path of a PEM file");
  if (value.find("-----BEGIN ") != std::string::npos) return {value, "the PEM text"};
  return {read_file(value, what), '`' + value + '`'};
}

}  // namespace hearth::tls
