#include "base/unknown_name.h"

#include <doctest/doctest.h>

#include <stdexcept>

namespace least_action {
namespace {

const std::vector<std::string> kKnown = {"spring", "pendulum"};

TEST_SUITE("base/unknown_name") {
  TEST_CASE("the answer names what is known, and what is near where something is") {
    CHECK_THROWS_WITH_AS(fail_unknown("make_system", "system", "pendulm", kKnown),
                         "make_system: no system is called \"pendulm\", did you mean "
                         "\"pendulum\"?; known: spring, pendulum",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(fail_unknown("make_system", "system", "", kKnown),
                         "make_system: no system is called \"\"; known: spring, pendulum",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(fail_unknown("a", "b", "c", {}),
                         "a: no b is called \"c\"; known: ", std::invalid_argument);
  }

  TEST_CASE("of an absurd name only the beginning is repeated") {
    try {
      fail_unknown("make_system", "system", std::string(1 << 20, 'x'), kKnown);
    } catch (const std::invalid_argument& error) {
      CHECK(std::string(error.what()) == "make_system: no system is called \"" +
                                             std::string(40, 'x') +
                                             "…\"; known: spring, pendulum");
    }
  }

  TEST_CASE("a catalog's names are taken in its order") {
    const int rows[] = {3, 1};
    CHECK(names_of(rows, [](int row) {
            return std::string(static_cast<std::size_t>(row), 'i');
          }) == std::vector<std::string>{"iii", "i"});
  }
}

}  // namespace
}  // namespace least_action
