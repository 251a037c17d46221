#pragma once

#include <cstddef>
#include <cstring>
#include <new>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

namespace hearth::test {

/// A copy of a text between two pages that cannot be touched, so that reading past its end or, if it fills the pages,
/// before its start ends the program.
class GuardedText {
 public:
  explicit GuardedText(std::string_view text) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t room = (text.size() + page - 1) / page * page;
    size_ = room + 2 * page;
    void* const mapped = mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    pages_ = static_cast<char*>(mapped);
    if (room != 0 && mprotect(pages_ + page, room, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
    char* const start = pages_ + page + room - text.size();
    if (!text.empty()) std::memcpy(start, text.data(), text.size());
    text_ = {start, text.size()};
  }
  ~GuardedText() { munmap(pages_, size_); }
  GuardedText(const GuardedText&) = delete;
  GuardedText& operator=(const GuardedText&) = delete;

  std::string_view text() const noexcept { return text_; }

 private:
  char* pages_ = nullptr;
  std::size_t size_ = 0;
  std::string_view text_;
};

}  // namespace hearth::test
