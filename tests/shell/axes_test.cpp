#include "plots/axes.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <string>

using namespace least_action;

TEST_SUITE("shell/axes") {
  TEST_CASE("ticks are equally spaced multiples of 1, 2 or 5 powers of ten inside the range") {
    // Oracle: the definition.
    for (const Range range : {Range{0, 1}, Range{-3.7, 12.2}, Range{1e-9, 5e-9},
                              Range{-2.5e7, 1e6}, Range{99.97, 100.03}}) {
      for (const int target : {2, 5, 9}) {
        CAPTURE(range.lo);
        CAPTURE(target);
        const Ticks ticks = linear_ticks(range, target);
        REQUIRE(ticks.count >= 1);
        CHECK(ticks.count <= target + 2);
        const double mantissa =
            ticks.step / std::pow(10, std::floor(std::log10(ticks.step) + 1e-9));
        const bool nice = std::abs(mantissa - 1) < 1e-6 || std::abs(mantissa - 2) < 1e-6 ||
                          std::abs(mantissa - 5) < 1e-6;
        CHECK(nice);
        for (const Tick& tick : ticks) {
          CHECK(tick.value >= range.lo - 1e-6 * range.span());
          CHECK(tick.value <= range.hi + 1e-6 * range.span());
          CHECK(std::abs(tick.value / ticks.step - std::round(tick.value / ticks.step)) < 1e-6);
        }
      }
    }
  }

  TEST_CASE("labels have the decimals that tell neighbouring ticks apart") {
    const Ticks ticks = linear_ticks({-0.1, 0.1}, 4);
    REQUIRE(ticks.count == 5);
    const char* expected[] = {"−0.10", "−0.05", "0", "0.05", "0.10"};
    for (int k = 0; k < 5; ++k)
      CHECK(std::string(ticks.begin()[k].label.c_str()) == expected[k]);
  }

  TEST_CASE("angles are labelled in parts of π") {
    const Ticks ticks = pi_ticks({-3.3, 3.3}, 4);
    REQUIRE(ticks.count == 5);
    const char* expected[] = {"−π", "−π/2", "0", "π/2", "π"};
    for (int k = 0; k < 5; ++k) {
      CHECK(std::string(ticks.begin()[k].label.c_str()) == expected[k]);
      CHECK(ticks.begin()[k].value == doctest::Approx((k - 2) * std::numbers::pi / 2));
    }
    // Zoomed in beyond quarters of π, numbers say more.
    CHECK(std::string(pi_ticks({0.1, 0.3}, 4).begin()->label.c_str()) == "0.10");
  }

  TEST_CASE("logarithmic ticks are powers of ten, thinned to the room there is") {
    const Ticks ticks = log_ticks({3e-7, 2.0}, 4);
    REQUIRE(ticks.count >= 2);
    CHECK(ticks.count <= 5);
    for (const Tick& tick : ticks) {
      CHECK(std::abs(std::log10(tick.value) - std::round(std::log10(tick.value))) < 1e-9);
    }
    CHECK(std::string(log_ticks({5e-7, 2e-6}, 4).begin()->label.c_str()) == "10⁻⁶");
  }

  TEST_CASE("impossible ranges have no ticks and do not hang") {
    const double infinite = std::numeric_limits<double>::infinity();
    for (const Range range : {Range{1, 1}, Range{2, 1}, Range{0, infinite}, Range{NAN, 1},
                              Range{1e18, 1e18 + 4096}}) {
      CHECK(linear_ticks(range, 5).count <= 24);
      CHECK(pi_ticks(range, 5).count <= 24);
    }
    CHECK(linear_ticks({1, 1}, 5).count == 0);
    CHECK(log_ticks({-1, 1}, 5).count == 0);
  }

  TEST_CASE("a plot area and its inverse agree, and y grows upwards") {
    const PlotArea area({10, 20, 200, 100}, {-1, 3}, {0, 5});
    CHECK(area.x(-1) == doctest::Approx(10));
    CHECK(area.x(3) == doctest::Approx(210));
    CHECK(area.y(0) == doctest::Approx(120));
    CHECK(area.y(5) == doctest::Approx(20));
    CHECK(area.x_value(area.x(1.25)) == doctest::Approx(1.25).epsilon(1e-5));
    CHECK(area.y_value(area.y(3.5)) == doctest::Approx(3.5).epsilon(1e-5));
    const PlotArea logarithmic({0, 0, 100, 100}, {0, 1}, {1e-4, 1}, true);
    CHECK(logarithmic.y(1e-2) == doctest::Approx(50));
  }

  TEST_CASE("numbers read as people write them") {
    const auto text = [](double value, int digits = 3) {
      return std::string(format_value(value, digits).c_str());
    };
    CHECK(text(0.003) == "0.003");
    CHECK(text(-1.5) == "−1.5");
    CHECK(text(9.996) == "10");
    CHECK(text(2.4e-6) == "2.4×10⁻⁶");
    CHECK(text(1e-5) == "10⁻⁵");
    CHECK(text(123456) == "1.23×10⁵");
    CHECK(text(0) == "0");
    CHECK(text(NAN) == "–");
    CHECK(text(-std::numeric_limits<double>::infinity()) == "−∞");
  }
}
