#include <emscripten/bind.h>

#include "mailbox.h"

namespace least_action::web {

using emscripten::val;

Mailbox& mailbox() {
  static Mailbox the_one;
  return the_one;
}

namespace {

/// Where to write `count` numbers, in doubles from the start of memory; −1 where there is not
/// enough of it.
double reserve(double count) {
  try {
    return address(mailbox().input.reserve(static_cast<std::size_t>(count)));
  } catch (...) {
    return -1;
  }
}

double header() { return address(mailbox().header); }

val fault() { return bad_answer(mailbox().fault); }

val text() { return val(mailbox().text); }

/// After a large call: what the next one is unlikely to need goes back.
void trim() {
  constexpr std::size_t kMost = 1 << 18;
  mailbox().input.trim(kMost);
  mailbox().output.trim(kMost);
}

EMSCRIPTEN_BINDINGS(least_action_mailbox) {
  emscripten::function("reserve", &reserve);
  emscripten::function("header", &header);
  emscripten::function("fault", &fault);
  emscripten::function("text", &text);
  emscripten::function("trim", &trim);
}

}  // namespace
}  // namespace least_action::web
