#pragma once

#include "websocket/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace hearth::net {

/// A stretch of a tick log.
struct Segment {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

/// What a connection is to be sent this tick: a list of segments, kept in the tick log. Two numbers at rest.
struct SegmentList {
  static constexpr std::uint32_t kNone = 0xffff'ffff;
  std::uint32_t first = kNone;
  std::uint32_t last = kNone;
  bool empty() const noexcept { return first == kNone; }
};

/// Everything that leaves in one tick, each message encoded once at the end of one buffer. Connections note which
/// segments are theirs; neighbouring ones merge, so that what a room got in one tick leaves as one piece.
class TickLog {
 public:
  /// Longest payload that may be appended: segments count in 32 bits.
  static constexpr std::size_t kMaxMessage = std::size_t{1} << 30;

  /// Most bytes that it holds; appending more throws std::length_error.
  static constexpr std::size_t kMaxSize = 0xffff'ffff;

  /// Appends an unmasked frame whose payload is the pieces in order.
  Segment append_frame(websocket::Opcode opcode, std::span<const std::string_view> pieces, bool compressed = false);

  /// Appends bytes as they are.
  Segment append_bytes(std::string_view bytes);

  void add(SegmentList& list, Segment segment);

  /// As `add` for a frame whose payload is to be encrypted before it leaves; it stays a piece of its own.
  void add_unsealed(SegmentList& list, Segment frame);
  /// Makes a list of the same, with what `seal(Segment frame)` returns in the place of each frame to be encrypted.
  template <class Seal>
  SegmentList sealed(const SegmentList& list, Seal seal) {
    SegmentList result;
    for (std::uint32_t at = list.first; at != SegmentList::kNone; at = nodes_[at].next) {
      const Node node = nodes_[at];
      add(result, node.unsealed ? seal(node.segment) : node.segment);
    }
    return result;
  }

  /// What there is now, to go back to with `rewind` once nothing that was added since is needed.
  struct Mark {
    std::size_t size;
    std::size_t nodes;
  };
  Mark mark() const noexcept { return {size_, nodes_.size()}; }
  void rewind(Mark mark) noexcept {
    size_ = mark.size;
    nodes_.resize(mark.nodes);
  }

  /// How many pieces have been gathered, and their bytes together.
  struct Gathered {
    std::size_t count = 0;
    std::size_t size = 0;
  };
  /// Fills `out` with the list's first pieces; `next` (at first `list.first`) is left at the first segment that found
  /// no place, or kNone.
  Gathered gather(std::uint32_t& next, std::span<std::string_view> out) const noexcept;

  std::string_view bytes(Segment segment) const noexcept { return {bytes_.get() + segment.offset, segment.length}; }
  std::size_t size() const noexcept { return size_; }
  /// Entries of all lists together.
  std::size_t entries() const noexcept { return nodes_.size(); }
  /// Forgets everything; no list that was made before may be used. Keeps a working size of memory, not an unusual one.
  void clear() noexcept;
  /// How often it has been cleared: a segment is good as long as that is the same.
  std::uint64_t generation() const noexcept { return generation_; }

 private:
  struct Node {
    Segment segment;
    std::uint32_t next;
    bool unsealed = false;
  };

  char* extend(std::size_t length);
  void append_node(SegmentList& list, const Node& node);

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::uint64_t generation_ = 0;
  std::vector<Node> nodes_;
};

}  // namespace hearth::net
