#include "allocation_count.hpp"

#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "lanes/sanitized.hpp"

namespace {

constinit std::atomic<std::size_t> allocations = 0;

}  // namespace

namespace popflow::test {

std::size_t allocation_count() { return allocations.load(); }

}  // namespace popflow::test

// glibc exports its allocator under these names as well.
#if defined(POPFLOW_SANITIZED) || !defined(__GLIBC__)
#define POPFLOW_COUNTS_ALLOCATIONS false
#else
#define POPFLOW_COUNTS_ALLOCATIONS true

extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) noexcept {
  ++allocations;
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) noexcept {
  ++allocations;
  return __libc_calloc(count, size);
}

void* realloc(void* block, std::size_t size) noexcept {
  ++allocations;
  return __libc_realloc(block, size);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
  ++allocations;
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return memalign(alignment, size);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) noexcept {
  *block = memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}

}  // extern "C"

#endif

namespace popflow::test {

bool allocations_are_counted() { return POPFLOW_COUNTS_ALLOCATIONS; }

}  // namespace popflow::test
