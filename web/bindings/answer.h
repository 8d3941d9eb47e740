#pragma once

#include <emscripten/val.h>

#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace least_action::web {

/// Thrown by bindings where the text of a config has faults, one sentence each: together they
/// are the message.
struct BadConfig : std::runtime_error {
  explicit BadConfig(const std::vector<std::string>& all)
      : std::runtime_error("the settings have faults"), faults(all) {}
  std::vector<std::string> faults;
};
/// Thrown by bindings where a file is refused.
struct BadFile : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// Thrown by bindings where an object has a key that there is not.
struct UnknownOption : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What went wrong, for JavaScript. The codes are those of js/errors.mjs.
struct Fault {
  std::string code, message;
};
/// What the exception being handled comes to. To be called in a catch block alone: a C++
/// exception would reach JavaScript as a bare number, so this is the one place where they end.
Fault caught_fault();

emscripten::val good_answer(const emscripten::val& value);
emscripten::val bad_answer(const Fault& fault);

/// Runs `work` (returning a val) and wraps what came of it: {value} or {code, message}.
template <class Work>
emscripten::val answer(Work work) {
  try {
    return good_answer(work());
  } catch (...) {
    return bad_answer(caught_fault());
  }
}

/// Runs `work`, which reads a file: what it refuses is a BadFile.
template <class Work>
auto reading_file(Work work) {
  try {
    return work();
  } catch (const std::invalid_argument& error) {
    throw BadFile(error.what());
  }
}

/// Copies into typed arrays of JavaScript's own, which no growth of memory detaches.
emscripten::val float64_array(const double* data, std::size_t size);
emscripten::val float32_array(const float* data, std::size_t size);
emscripten::val uint8_array(const std::string& bytes);
emscripten::val string_array(const std::vector<std::string>& texts);
/// From an Array or typed array of numbers.
std::vector<double> numbers(const emscripten::val& array);

}  // namespace least_action::web
