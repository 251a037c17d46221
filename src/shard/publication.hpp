#pragma once

#include "hearth/target.hpp"
#include "protocol/client_id.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::shard {

/// A message on its way to clients: what it says, and whom it is for. Encoded only where somebody gets it. A view.
struct Publication {
  Target target{};
  std::span<const protocol::ClientId> exclude{};
  std::string_view event{};  ///< as it stands between the quotes of a JSON string
  std::string_view data{};   ///< valid JSON; empty when there is none
  std::string_view from{};   ///< a JSON object: the client that published it; empty when none did
};

/// The text of a publication, as the pieces that make it up: `{"event":E}`, `{"event":E,"data":D,"from":F,"room":R}`.
class PublicationText {
 public:
  /// `room` is a JSON string, quotes included, or empty.
  explicit PublicationText(const Publication& publication, std::string_view room = {}) noexcept;

  std::span<const std::string_view> pieces() const noexcept { return {pieces_.data(), count_}; }

 private:
  void add(std::string_view piece) noexcept { pieces_[count_++] = piece; }

  std::array<std::string_view, 9> pieces_;  // the first four are always there
  std::size_t count_ = 4;
};

/// A publication that owns what it says: on its way to other shards.
class Delivery {
 public:
  static std::shared_ptr<const Delivery> of(const Publication& publication);

  Publication publication() const noexcept;
  /// What it takes of memory.
  std::size_t size() const noexcept { return sizeof(Delivery) + text_.size() + exclude_.size() * sizeof(exclude_[0]); }

 private:
  Target::Kind kind_ = Target::Kind::everybody;
  std::array<std::uint32_t, 4> ends_{};  // of name, event, data and from in the text
  std::string text_;
  std::vector<protocol::ClientId> exclude_;
};

}  // namespace hearth::shard
