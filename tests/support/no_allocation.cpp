#include "support/no_allocation.h"

#include <cerrno>
#include <cstddef>

#include "support/allocated_bytes.h"

#if defined(__SANITIZE_ADDRESS__)
#define LEAST_ACTION_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LEAST_ACTION_ASAN 1
#endif
#endif

namespace {
thread_local std::size_t count = 0, bytes = 0;
}  // namespace

namespace least_action::testing {
std::size_t allocation_count() { return count; }
std::size_t allocated_bytes() { return bytes; }
}  // namespace least_action::testing

#if defined(LEAST_ACTION_ASAN)
// The sanitizer owns malloc; it offers a hook instead.
// (Declared here because GCC does not ship the interface's header everywhere.)
extern "C" int __sanitizer_install_malloc_and_free_hooks(
    void (*malloc_hook)(const volatile void*, std::size_t),
    void (*free_hook)(const volatile void*));
namespace {
void on_malloc(const volatile void*, std::size_t size) {
  ++count;
  bytes += size;
}
void on_free(const volatile void*) {}
[[maybe_unused]] const int installed =
    __sanitizer_install_malloc_and_free_hooks(&on_malloc, &on_free);
}  // namespace

#elif defined(__EMSCRIPTEN__)
// dlmalloc's public names are weak; the functions behind them keep these names.
extern "C" {
void* emscripten_builtin_malloc(std::size_t);
void* emscripten_builtin_memalign(std::size_t, std::size_t);
void* malloc(std::size_t size) {
  ++count;
  bytes += size;
  return emscripten_builtin_malloc(size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  ++count;
  bytes += size;
  return emscripten_builtin_memalign(alignment, size);
}
// What libc++'s aligned operator new calls.
int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  ++count;
  bytes += size;
  *block = emscripten_builtin_memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}
}

#elif defined(__GLIBC__)
// A definition in the program takes precedence over the C library's for every caller.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void* malloc(std::size_t size) {
  ++count;
  bytes += size;
  return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) {
  ++count;
  bytes += number * size;
  return __libc_calloc(number, size);
}
void* realloc(void* block, std::size_t size) {
  ++count;
  bytes += size;
  return __libc_realloc(block, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  ++count;
  bytes += size;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  ++count;
  bytes += size;
  *block = __libc_memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}
}

#else
#error "no_allocation.cpp: say how this C library's malloc is counted"
#endif
