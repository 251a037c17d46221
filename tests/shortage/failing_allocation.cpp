#include "shortage/failing_allocation.hpp"

#include <cstdlib>
#include <new>

namespace {

enum class State : std::uint8_t { idle, armed, failed };

thread_local State state = State::idle;
thread_local std::uint64_t left = 0;

void* allocate(std::size_t size) {
  if (state == State::armed && left-- == 0) {
    state = State::failed;
    throw std::bad_alloc();
  }
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

namespace hearth::test {

FailingAllocation::FailingAllocation(std::uint64_t others) noexcept {
  left = others;
  state = State::armed;
}

FailingAllocation::~FailingAllocation() { state = State::idle; }

bool FailingAllocation::has_failed() const noexcept { return state == State::failed; }

}  // namespace hearth::test

// Those of the whole program; a sanitizer sees malloc and free below them.
void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  try {
    return allocate(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
