#pragma once

#include <cstddef>

namespace least_action::testing {

/// The bytes this thread has asked the heap for so far (never less after a free).
std::size_t allocated_bytes();

/// How many bytes `call` asks for.
template <class Call>
std::size_t bytes_asked_in(Call&& call) {
  const std::size_t before = allocated_bytes();
  call();
  return allocated_bytes() - before;
}

}  // namespace least_action::testing
