#pragma once

#include "guard/expect.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string_view>

namespace hearth::websocket {

/// Bytes on the heap, grown by doubling and never filled in before they are written.
class ByteBuffer {
 public:
  std::span<char> bytes() noexcept { return {memory_.get(), size_}; }
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return capacity_; }

  /// Adds `piece` at the end. Grows to twice the size at least, but not past `most` if that is enough.
  void append(std::string_view piece, std::uint64_t most);

  /// What is allocated and not used yet; after writing there, `commit` how much.
  std::span<char> spare() noexcept { return {memory_.get() + size_, capacity_ - size_}; }
  void commit(std::size_t written) noexcept {
    expect(written <= capacity_ - size_);
    size_ += written;
  }

  /// Makes room for `needed` bytes in all, or twice what there is if `most` allows it.
  void grow(std::size_t needed, std::uint64_t most);

  /// Forgets the bytes and keeps the memory, unless it is more than `keep`.
  void clear(std::size_t keep = 0) noexcept;

 private:
  struct Free {
    void operator()(char* memory) const noexcept { std::free(memory); }
  };

  std::unique_ptr<char[], Free> memory_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace hearth::websocket
