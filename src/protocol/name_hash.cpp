#include "protocol/name_hash.hpp"

#include <boost/endian/conversion.hpp>

#include <bit>
#include <random>

namespace hearth::protocol {

namespace {

class SipState {
 public:
  explicit SipState(const SipKey& key) noexcept
      : v0_(key.first ^ 0x736f'6d65'7073'6575),
        v1_(key.second ^ 0x646f'7261'6e64'6f6d),
        v2_(key.first ^ 0x6c79'6765'6e65'7261),
        v3_(key.second ^ 0x7465'6462'7974'6573) {}

  void take(std::uint64_t word) noexcept {
    v3_ ^= word;
    round();
    v0_ ^= word;
  }

  std::uint64_t finish() noexcept {
    v2_ ^= 0xff;
    for (int i = 0; i < 3; ++i) round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  void round() noexcept {
    v0_ += v1_;
    v2_ += v3_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ = std::rotl(v0_, 32) + v3_;
    v2_ += v1_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v2_ = std::rotl(v2_, 32);
  }

  std::uint64_t v0_, v1_, v2_, v3_;
};

SipKey random_key() {
  std::random_device device;
  std::uniform_int_distribution<std::uint64_t> word;
  return {word(device), word(device)};
}

}  // namespace

std::uint64_t sip_hash(const SipKey& key, std::string_view text) noexcept {
  SipState state(key);
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t left = text.size();
  for (; left >= 8; left -= 8, at += 8) state.take(boost::endian::load_little_u64(at));
  std::uint64_t last = std::uint64_t{text.size()} << 56U;
  for (std::size_t i = 0; i < left; ++i) last |= std::uint64_t{at[i]} << (8 * i);
  state.take(last);
  return state.finish();
}

std::size_t NameHash::operator()(std::string_view name) const noexcept {
  static const SipKey key = random_key();
  return static_cast<std::size_t>(sip_hash(key, name));
}

}  // namespace hearth::protocol
