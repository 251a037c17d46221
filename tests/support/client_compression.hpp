#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::test {

/// A client's side of permessage-deflate (RFC 7692), as it was agreed on, with zlib alone. What it gets it opens with a
/// window that is no larger than agreed: a reference that reaches back further throws std::runtime_error.
class ClientCompression {
 public:
  /// What the head of the server's answer says; nothing if there is to be no compression.
  static std::optional<ClientCompression> agreed_in(std::string_view head);

  ClientCompression(ClientCompression&&) noexcept;
  ClientCompression& operator=(ClientCompression&&) noexcept;
  ~ClientCompression();

  std::string open(std::string_view payload);
  std::string close(std::string_view text);

 private:
  struct Streams;
  explicit ClientCompression(std::string_view parameters);

  std::unique_ptr<Streams> streams_;
};

}  // namespace hearth::test
