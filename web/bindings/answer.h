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
/// Thrown by bindings where a run file is refused.
struct BadFile : std::runtime_error {
  using std::runtime_error::runtime_error;
};

emscripten::val good_answer(const emscripten::val& value);
emscripten::val bad_answer(const std::string& code, const std::string& message);

/// Runs `work` (returning a val) and wraps what came of it: {value} or {code, message}.
/// A C++ exception would reach JavaScript as a bare number, so none leaves the bindings: this
/// is the one place where they end. The codes are those of js/errors.mjs.
template <class Work>
emscripten::val answer(Work work) {
  try {
    return good_answer(work());
  } catch (const BadConfig& error) {
    std::string message;
    for (const std::string& fault : error.faults)
      message += (message.empty() ? "" : " ") + fault;
    return bad_answer("bad-config", message);
  } catch (const BadFile& error) {
    return bad_answer("bad-file", error.what());
  } catch (const std::invalid_argument& error) {
    return bad_answer("invalid-argument", error.what());
  } catch (const std::bad_alloc&) {
    return bad_answer("out-of-memory", "there is not enough memory for this");
  } catch (const std::exception& error) {
    return bad_answer("internal", error.what());
  } catch (...) {
    return bad_answer("internal", "an unknown exception");
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
