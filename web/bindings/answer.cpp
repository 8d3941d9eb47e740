#include "answer.h"

#include <cstdint>

namespace least_action::web {

using emscripten::typed_memory_view;
using emscripten::val;

Fault caught_fault() {
  try {
    throw;
  } catch (const BadConfig& error) {
    std::string message;
    for (const std::string& fault : error.faults)
      message += (message.empty() ? "" : " ") + fault;
    return {"bad-config", message};
  } catch (const BadFile& error) {
    return {"bad-file", error.what()};
  } catch (const UnknownOption& error) {
    return {"unknown-option", error.what()};
  } catch (const std::invalid_argument& error) {
    return {"invalid-argument", error.what()};
  } catch (const std::bad_alloc&) {
    return {"out-of-memory", "there is not enough memory for this"};
  } catch (const std::length_error&) {
    return {"out-of-memory", "this is larger than any memory"};
  } catch (const std::exception& error) {
    return {"internal", error.what()};
  } catch (...) {
    return {"internal", "an unknown exception"};
  }
}

val good_answer(const val& value) {
  val answer = val::object();
  answer.set("value", value);
  return answer;
}

val bad_answer(const Fault& fault) {
  val answer = val::object();
  answer.set("code", fault.code);
  answer.set("message", fault.message);
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
