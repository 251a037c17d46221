#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::protocol {

/// Names a connection, in the whole cluster: a random UUID (RFC 9562, version 4), whose last byte is the number of the
/// shard that the connection lives on. 114 bits of it are random.
struct ClientId {
  static constexpr std::size_t kTextSize = 36;

  std::array<std::uint8_t, 16> bytes{};

  std::uint8_t shard() const noexcept { return bytes.back(); }

  /// In lower case, kTextSize characters.
  void append_to(std::string& out) const;
  std::string str() const;

  /// Takes what str() gives and nothing else: an id has one text. An id of another instance is taken too, and its
  /// shard() means nothing here.
  static std::optional<ClientId> parse(std::string_view text) noexcept;

  /// By words: it is asked at each look into a table, for which the compiler would call memcmp.
  bool operator==(const ClientId& other) const noexcept {
    using Words = std::array<std::uint64_t, 2>;
    const auto one = std::bit_cast<Words>(bytes);
    const auto two = std::bit_cast<Words>(other.bytes);
    return ((one[0] ^ two[0]) | (one[1] ^ two[1])) == 0;
  }
};

/// Makes the ids of one shard. For one thread.
class ClientIdSource {
 public:
  explicit ClientIdSource(std::uint8_t shard) noexcept : shard_(shard) {}
  ~ClientIdSource();
  ClientIdSource(const ClientIdSource&) = delete;
  ClientIdSource& operator=(const ClientIdSource&) = delete;

  /// Throws std::system_error if the kernel has no randomness to give.
  ClientId next();

 private:
  void refill();

  // Randomness is fetched in blocks, so that an id costs no system call. What has been used is wiped.
  std::array<std::uint8_t, 4096> random_{};
  std::size_t used_ = sizeof random_;
  std::uint8_t shard_;
};

}  // namespace hearth::protocol

template <>
struct std::hash<hearth::protocol::ClientId> {
  /// Tells Boost's hash maps that the bits need no further mixing: they are random.
  using is_avalanching = void;

  std::size_t operator()(const hearth::protocol::ClientId& id) const noexcept {
    std::size_t random = 0;
    std::memcpy(&random, id.bytes.data(), sizeof random);
    return random;
  }
};
