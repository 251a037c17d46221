// What leaves for connections that speak TLS.

#include "net/outbox.hpp"

#include <array>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::net {

namespace {

// Records that wait for the next one to leave with it; a longer message leaves in several writes.
constexpr std::size_t kSealedAWrite = std::size_t{256} * 1024;

}  // namespace

// The last record of a write is sent from where the cipher has put it; those before it are collected.
void Outbox::Records::take(std::string_view records) {
  std::string& collected = outbox_.sealed_;
  if (expects_more_ && collected.size() + records.size() < kSealedAWrite) {
    collected += records;
    return;
  }
  const std::array<std::string_view, 2> both{collected, records};
  const std::span pieces(both);
  outbox_.write(connection_, collected.empty() ? pieces.last(1) : pieces, collected.size() + records.size(),
                SegmentList::kNone);
  collected.clear();
}

// Records are filled: 16 KiB of whatever a connection gets go into each.
void Outbox::seal_records(Connection& connection) {
  Records records(*this, connection);
  sealed_.clear();
  gathered_ = 0;
  std::uint32_t next = connection.pending_.first;
  while (next != SegmentList::kNone) {
    const std::size_t count = log_.gather(next, pieces_).count;
    for (std::size_t i = 0; i < count; ++i) {
      records.expect_more(i + 1 < count || next != SegmentList::kNone);
      if (!seal_piece(connection, pieces_[i], records)) return broken(connection);
    }
  }
}

// What lies in one piece is sealed where it lies; pieces are put together before.
bool Outbox::seal_piece(Connection& connection, std::string_view piece, Records& records) {
  const bool is_last_piece = !records.expects_more();
  tls::Endpoint& endpoint = connection.layers_->tls;
  while (!piece.empty()) {
    std::string_view plain = piece.substr(0, tls::kMaxRecord - gathered_);
    piece.remove_prefix(plain.size());
    const bool is_last = is_last_piece && piece.empty();
    if (gathered_ > 0 || (plain.size() < tls::kMaxRecord && !is_last)) {
      gather(plain);
      if (gathered_ < tls::kMaxRecord && !is_last) break;
      plain = {plain_->data(), std::exchange(gathered_, 0)};
    }
    records.expect_more(!is_last);
    if (!endpoint.seal(plain, records)) return false;
  }
  return true;
}

void Outbox::gather(std::string_view plain) {
  if (!plain_) plain_ = std::make_unique<std::array<char, tls::kMaxRecord>>();
  std::memcpy(plain_->data() + gathered_, plain.data(), plain.size());
  gathered_ += plain.size();
}

}  // namespace hearth::net
