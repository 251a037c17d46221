#include "net/tick_log.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace hearth::net {

namespace {
constexpr std::size_t kFirstCapacity = std::size_t{64} * 1024;
constexpr std::size_t kKeptCapacity = std::size_t{4} * 1024 * 1024;
constexpr std::size_t kKeptNodes = std::size_t{256} * 1024;
constexpr std::size_t kHeader = websocket::kMaxHeaderLength;
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
  const std::size_t offset = size_;
  const std::span<char, kHeader> header(extend(kHeader + payload), kHeader);
  const std::size_t length = websocket::write_header(header, opcode, payload, compressed) + payload;
  char* at = header.data() + length - payload;
  for (const auto piece : pieces) {
    if (!piece.empty()) std::memcpy(at, piece.data(), piece.size());
    at += piece.size();
  }
  size_ = offset + length;  // most headers are shorter
  return {static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(length)};
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

TickLog::Gathered TickLog::gather(std::uint32_t& next, std::span<std::string_view> out) const noexcept {
  Gathered gathered;
  while (next != SegmentList::kNone && gathered.count < out.size()) {
    const Node& node = nodes_[next];
    out[gathered.count++] = bytes(node.segment);
    gathered.size += node.segment.length;
    next = node.next;
  }
  return gathered;
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
