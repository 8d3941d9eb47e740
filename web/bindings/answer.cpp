#include "answer.h"

#include <cstdint>

namespace least_action::web {

using emscripten::typed_memory_view;
using emscripten::val;

val good_answer(const val& value) {
  val answer = val::object();
  answer.set("value", value);
  return answer;
}

val bad_answer(const std::string& code, const std::string& message) {
  val answer = val::object();
  answer.set("code", code);
  answer.set("message", message);
  return answer;
}

val float64_array(const double* data, std::size_t size) {
  return val::global("Float64Array").new_(typed_memory_view(size, data));
}

val float32_array(const float* data, std::size_t size) {
  return val::global("Float32Array").new_(typed_memory_view(size, data));
}

val uint8_array(const std::string& bytes) {
  return val::global("Uint8Array")
      .new_(
          typed_memory_view(bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data())));
}

val string_array(const std::vector<std::string>& texts) {
  val array = val::array();
  for (std::size_t i = 0; i < texts.size(); ++i) array.set(i, texts[i]);
  return array;
}

std::vector<double> numbers(const val& array) {
  return emscripten::convertJSArrayToNumberVector<double>(array);
}

}  // namespace least_action::web
