#include "base/contract.h"

#include <doctest/doctest.h>

#include <clocale>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

using namespace least_action;

TEST_SUITE("base/contract") {
  TEST_CASE("messages name the place, the value and what was expected") {
    CHECK_THROWS_WITH_AS(fail("Solver", "is tired"), "Solver: is tired", std::invalid_argument);
    CHECK_THROWS_WITH_AS(fail_size("step", "p", 2, 1, "degrees of freedom"),
                         "step: p has size 2, expected 1 (degrees of freedom)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(fail_size("step", "p", 2, 1), "step: p has size 2, expected 1",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(fail_shape("forward", "x", 2, 3, 4, 5, "dimension × B"),
                         "forward: x is 2 × 3, expected 4 × 5 (dimension × B)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(fail_value("Options", "step", -0.1, "positive"),
                         "Options: step is -0.1; it must be positive", std::invalid_argument);
  }

  TEST_CASE("a number is written in the fewest digits that read back") {
    CHECK(to_text(0.1) == "0.1");
    CHECK(to_text(-2) == "-2");
    CHECK(to_text(10) == "10");
    CHECK(to_text(-20000) == "-20000");
    CHECK(to_text(1e-300) == "1e-300");
    CHECK(to_text(1.0 / 3) == "0.3333333333333333");
    CHECK(to_text(std::numeric_limits<double>::infinity()) == "inf");
    CHECK(to_text(std::numeric_limits<double>::quiet_NaN()).find("nan") != std::string::npos);
  }

  TEST_CASE("writing and reading a number gives the same bits") {
    // Oracle: invariant, over values of every magnitude, neighbours of powers of two included.
    for (int exponent = -1070; exponent <= 1020; exponent += 11) {
      for (const double mantissa : {1.0, 1.1, 1.7976931348623157}) {
        const double value = std::ldexp(mantissa, exponent);
        for (const double each : {value, std::nextafter(value, 0.0), -value}) {
          double read = 0;
          REQUIRE(parse_number(to_text(each), read));
          CHECK(read == each);
        }
      }
    }
  }

  TEST_CASE("numbers are written and read with a point whatever the locale") {
    // Oracle: the locale itself, where the system has one that writes a comma.
    for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fr_FR.utf8"}) {
      if (std::setlocale(LC_NUMERIC, name) != nullptr) break;
    }
    const std::string written = to_text(-0.5), large = to_text(1.5e300);
    double read = 0, other = 7;
    const bool point = parse_number("2.75", read), comma = parse_number("2,75", other);
    std::setlocale(LC_NUMERIC, "C");
    CHECK(written == "-0.5");
    CHECK(large == "1.5e+300");
    CHECK(point);
    CHECK(read == 2.75);
    CHECK_FALSE(comma);
    CHECK(other == 7);
  }

  TEST_CASE("what is not exactly one number is refused and the value left alone") {
    double value = 7;
    for (const char* text :
         {"", " ", " 1", "1 ", "1,5", "abc", "1e", "--1", "0x", "1 2", "\n1"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_number(text, value));
      CHECK(value == 7);
    }
    CHECK(parse_number("-1e-3", value));
    CHECK(value == -1e-3);
    CHECK(parse_number("inf", value));
    CHECK(std::isinf(value));
    CHECK(parse_number("nan", value));
    CHECK(std::isnan(value));
    CHECK(parse_number(std::string_view("12345").substr(1, 2), value));  // Not terminated.
    CHECK(value == 23);
  }

  TEST_CASE("the nearest name is suggested only where it is near") {
    const std::string known[] = {"verlet", "euler", "rk4"};
    CHECK(nearest_name("verlett", known, 3) == "verlet");
    CHECK(nearest_name("eulr", known, 3) == "euler");
    CHECK(nearest_name("rk5", known, 3) == "rk4");
    CHECK(nearest_name("runge-kutta", known, 3).empty());
    CHECK(nearest_name("anything", known, 0).empty());
  }
}
