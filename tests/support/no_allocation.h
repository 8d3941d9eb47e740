#pragma once

#include <cstddef>

namespace least_action::testing {

/// Counts heap allocations of the calling thread, natively, under AddressSanitizer and in
/// WebAssembly. The linked program's `malloc` itself is counted (Eigen calls it directly, and
/// operator new ends there too), in every build type.
///
///   model.forward(…);  // Once, to warm up.
///   CHECK(allocations_in([&] { model.forward(…); }) == 0);
///
/// Do not put doctest's own macros inside: they allocate.
std::size_t allocation_count();

/// How many allocations `call` makes on this thread.
template <class Call>
std::size_t allocations_in(Call&& call) {
  const std::size_t before = allocation_count();
  call();
  return allocation_count() - before;
}

}  // namespace least_action::testing
