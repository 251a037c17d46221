#include "websocket/byte_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace hearth::websocket {

void ByteBuffer::append(std::string_view piece, std::uint64_t most) {
  if (piece.empty()) {
    return;
  }
  if (piece.size() > capacity_ - size_) {
    grow(size_ + piece.size(), most);
  }
  std::memcpy(memory_.get() + size_, piece.data(), piece.size());
  size_ += piece.size();
}

void ByteBuffer::grow(std::size_t needed, std::uint64_t most) {
  const std::size_t doubled = std::max(needed, capacity_ * 2);
  const std::size_t wanted = std::max<std::size_t>(needed, std::min<std::uint64_t>(doubled, most));
  // realloc, for it moves large blocks by their pages rather than by their bytes.
  char* memory = static_cast<char*>(std::realloc(memory_.get(), wanted));
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  static_cast<void>(memory_.release());
  memory_.reset(memory);
  capacity_ = wanted;
}

void ByteBuffer::clear(std::size_t keep) noexcept {
  size_ = 0;
  if (capacity_ > keep) {
    memory_.reset();
    capacity_ = 0;
  }
}

}  // namespace hearth::websocket
