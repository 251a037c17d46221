#include "auth/ecdsa_signature.hpp"

#include "crypto/openssl.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

#include <array>
#include <cstdint>
#include <memory>

namespace hearth::auth {
namespace {

using crypto::OpenSslFree;
using Number = std::unique_ptr<BIGNUM, OpenSslFree<BN_free>>;
using Group = std::unique_ptr<EC_GROUP, OpenSslFree<EC_GROUP_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, OpenSslFree<ECDSA_SIG_free>>;

/// A signature on P-521 has 139 bytes.
constexpr std::size_t kMostDer = 160;

const std::uint8_t* bytes(std::string_view text) noexcept { return reinterpret_cast<const std::uint8_t*>(text.data()); }
std::uint8_t* bytes(std::string& text) noexcept { return reinterpret_cast<std::uint8_t*>(text.data()); }

Number number(std::string_view big_endian) {
  return Number(BN_bin2bn(bytes(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

bool is_in_range(std::string_view number, std::string_view order) noexcept {
  // Both are as long, so that the order of the bytes is that of the numbers.
  return number < order && number.find_first_not_of('\0') != std::string_view::npos;
}

}  // namespace

std::string group_order(const AlgorithmTraits& algorithm) {
  const Group group(EC_GROUP_new_by_curve_name(OBJ_txt2nid(algorithm.group)));
  std::string order(algorithm.coordinate_size, '\0');
  if (!group || BN_bn2binpad(EC_GROUP_get0_order(group.get()), bytes(order), static_cast<int>(order.size())) < 0) {
    crypto::openssl_failed("load the curve " + std::string(algorithm.group));
  }
  return order;
}

std::optional<std::string> ecdsa_to_der(std::string_view signature, std::string_view order) {
  if (signature.size() != 2 * order.size()) return std::nullopt;
  const std::string_view r = signature.substr(0, order.size());
  const std::string_view s = signature.substr(order.size());
  if (!is_in_range(r, order) || !is_in_range(s, order)) return std::nullopt;
  Number r_number = number(r);
  Number s_number = number(s);
  const Signature both(ECDSA_SIG_new());
  if (!both || !r_number || !s_number || ECDSA_SIG_set0(both.get(), r_number.get(), s_number.get()) != 1) {
    crypto::openssl_failed("hold a signature");
  }
  static_cast<void>(r_number.release());
  static_cast<void>(s_number.release());
  std::array<std::uint8_t, kMostDer> der;
  std::uint8_t* end = der.data();
  if (i2d_ECDSA_SIG(both.get(), &end) <= 0) crypto::openssl_failed("write a signature");
  return std::string(der.data(), end);
}

std::optional<std::string> ecdsa_from_der(std::string_view der, const AlgorithmTraits& algorithm) {
  const std::uint8_t* at = bytes(der);
  const Signature both(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  const auto size = static_cast<int>(algorithm.coordinate_size);
  std::string signature(2 * algorithm.coordinate_size, '\0');
  if (!both || BN_bn2binpad(ECDSA_SIG_get0_r(both.get()), bytes(signature), size) != size ||
      BN_bn2binpad(ECDSA_SIG_get0_s(both.get()), bytes(signature) + size, size) != size) {
    return std::nullopt;
  }
  return signature;
}

}  // namespace hearth::auth
