#include "net/tick_log.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

namespace hearth::net {

namespace {
constexpr std::size_t kFirstCapacity = std::size_t{64} * 1024;
constexpr std::size_t kKeptCapacity = std::size_t{4} * 1024 * 1024;
constexpr std::size_t kKeptNodes = std::size_t{256} * 1024;
}  // namespace

char* TickLog::extend(std::size_t length) {
  if (length > kMaxSize - size_) throw std::length_error("a tick log of more than 4 GiB");
  if (capacity_ - size_ < length) {
    const std::size_t capacity = std::max({kFirstCapacity, capacity_ * 2, size_ + length});
    std::unique_ptr<char[]> bytes(new char[capacity]);  // not zeroed
    if (size_ > 0) std::memcpy(bytes.get(), bytes_.get(), size_);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
  }
  char* at = bytes_.get() + size_;
  size_ += length;
  return at;
}

Segment TickLog::append_frame(websocket::Opcode opcode, std::span<const std::string_view> pieces, bool compressed) {
  std::size_t payload = 0;
  for (const auto piece : pieces) payload += piece.size();
  std::array<char, websocket::kMaxHeaderLength> header;
  const std::size_t header_length = websocket::write_header(header, opcode, payload, compressed);

  const std::size_t offset = size_;
  char* at = extend(header_length + payload);
  std::memcpy(at, header.data(), header_length);
  at += header_length;
  for (const auto piece : pieces) {
    if (!piece.empty()) std::memcpy(at, piece.data(), piece.size());
    at += piece.size();
  }
  return {static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(header_length + payload)};
}

Segment TickLog::append_bytes(std::string_view bytes) {
  const std::size_t offset = size_;
  std::memcpy(extend(bytes.size()), bytes.data(), bytes.size());
  return {static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(bytes.size())};
}

void TickLog::add(SegmentList& list, Segment segment) {
  if (!list.empty()) {
    Node& last = nodes_[list.last];
    if (!last.unsealed && last.segment.offset + last.segment.length == segment.offset) {
      last.segment.length += segment.length;
      return;
    }
  }
  append_node(list, {segment, SegmentList::kNone, false});
}

void TickLog::add_unsealed(SegmentList& list, Segment frame) { append_node(list, {frame, SegmentList::kNone, true}); }

void TickLog::append_node(SegmentList& list, const Node& node) {
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back(node);
  if (list.empty()) {
    list.first = index;
  } else {
    nodes_[list.last].next = index;
  }
  list.last = index;
}

std::size_t TickLog::gather(std::uint32_t& next, std::span<std::string_view> out) const noexcept {
  std::size_t count = 0;
  while (next != SegmentList::kNone && count < out.size()) {
    out[count++] = bytes(nodes_[next].segment);
    next = nodes_[next].next;
  }
  return count;
}

void TickLog::clear() noexcept {
  size_ = 0;
  ++generation_;
  if (capacity_ > kKeptCapacity) {
    bytes_.reset();
    capacity_ = 0;
  }
  nodes_.clear();
  if (nodes_.capacity() > kKeptNodes) nodes_.shrink_to_fit();
}

}  // namespace hearth::net
