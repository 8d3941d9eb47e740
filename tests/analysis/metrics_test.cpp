#include "analysis/metrics.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

using namespace least_action;
using doctest::Approx;

namespace {

constexpr double kPi = 3.14159265358979323846;
const double kInfinity = std::numeric_limits<double>::infinity();

Vector grid(Index count, double end) { return Vector::LinSpaced(count, 0, end); }

/// (A cos t, −A sin t): the unit spring's motion in (q, p) and in (q, q̇).
Matrix circle(const Vector& times, double amplitude) {
  Matrix x(2, times.size());
  for (Index k = 0; k < times.size(); ++k) {
    x.col(k) << amplitude * std::cos(times(k)), -amplitude * std::sin(times(k));
  }
  return x;
}

}  // namespace

TEST_SUITE("analysis/metrics") {
  const auto spring = make_system("spring");
  const double size = spring->coordinates()[0].typical_position;  // Of q, and of p: ω = m = 1.

  TEST_CASE("the truth itself has no error and is valid throughout") {
    const Vector times = grid(101, 10);
    const Matrix truth = circle(times, 1);
    for (const Chart chart : {Chart::kCanonical, Chart::kVelocity}) {
      const TrajectoryMetrics m = compare_trajectories(*spring, chart, times, truth, truth);
      CHECK(m.energy_drift < 1e-14);
      CHECK(m.energy_rms < 1e-14);
      CHECK(m.trajectory_error == 0);
      CHECK(m.valid_time == Approx(10));
      CHECK(m.valid_throughout);
    }
  }

  TEST_CASE("a scaled orbit has a known constant distance and no drift") {
    // Oracle: analytic; |x̂ − x| = 0.1 on a circle: RMS over two components is 0.1/√2.
    const Vector times = grid(101, 10);
    const TrajectoryMetrics m = compare_trajectories(*spring, Chart::kCanonical, times,
                                                     circle(times, 1), circle(times, 1.1));
    CHECK(m.trajectory_error == Approx(0.1 / std::sqrt(2.0) / size).epsilon(1e-12));
    CHECK(m.energy_drift < 1e-14);
    CHECK(m.valid_throughout);
  }

  TEST_CASE("energy drift is measured against the energy of the true motion") {
    // Oracle: analytic; the amplitude grows from 1 to 2 linearly, so E goes from 1/2 to 2 and
    // the scale, E above the lowest V, is 1/2: a drift of 3.
    const Vector times = grid(4001, 2 * kPi);
    Matrix growing = circle(times, 1);
    for (Index k = 0; k < times.size(); ++k) growing.col(k) *= 1 + times(k) / (2 * kPi);
    const TrajectoryMetrics m =
        compare_trajectories(*spring, Chart::kCanonical, times, circle(times, 1), growing);
    CHECK(m.energy_drift == Approx(3).epsilon(1e-6));
    // ∫₀¹ ((1+s)² − 1)² ds = ∫ (2s + s²)² ds = 4/3 + 1 + 1/5.
    CHECK(m.energy_rms == Approx(std::sqrt(4.0 / 3 + 1 + 0.2)).epsilon(1e-6));
  }

  TEST_CASE("the energy scale does not depend on where the potential is zero") {
    // Oracle: invariant; a Kepler orbit of eccentricity e has the T-spread of its radii,
    // k(1/r₋ − 1/r₊), which is the larger of the two, or E − min V = k/r₋ − k/2a.
    const auto kepler = make_system("two-body", {1, 1, 1});
    Vector start(4);
    kepler->typical_state(start);  // a = 1, e = ½, k = 1, at the apocentre.
    Vector pericentre = start;
    pericentre.head(2) *= -1.0 / 3;
    pericentre.tail(2) *= -3;
    Matrix truth(4, 2), faster(4, 2);
    truth << start, pericentre;
    faster << start, pericentre;
    faster.col(1).tail(2) *= 1.1;
    const double kinetic = pericentre.tail(2).squaredNorm();  // p²/2μ, μ = ½: 2 − ½ = 3/2.
    CHECK(kinetic == Approx(1.5));
    const TrajectoryMetrics m =
        compare_trajectories(*kepler, Chart::kCanonical, grid(2, 1), truth, faster);
    CHECK(m.energy_drift == Approx(0.21 * 1.5 / 1.5).epsilon(1e-12));
  }

  TEST_CASE("validity ends at the first time beyond the threshold, even if it comes back") {
    // Oracle: analytic; the phase error δ of a unit circle is a distance √2 |sin(δ/2)|.
    const Vector times = grid(1001, 10);
    Matrix late = circle(times, 1);
    for (Index k = 0; k < times.size(); ++k) {
      const double t = times(k) - 0.1 * times(k);
      late.col(k) << std::cos(t), -std::sin(t);
    }
    const TrajectoryMetrics m =
        compare_trajectories(*spring, Chart::kCanonical, times, circle(times, 1), late, 0.2);
    const double expected = 2 * std::asin(0.2 * size / std::sqrt(2.0)) / 0.1;
    CHECK(m.valid_time >= expected);
    CHECK(m.valid_time <= expected + 0.0101);
    CHECK_FALSE(m.valid_throughout);
    const TrajectoryMetrics loose =
        compare_trajectories(*spring, Chart::kCanonical, times, circle(times, 1), late, 5);
    CHECK(loose.valid_throughout);
    CHECK(loose.valid_time == Approx(10));
    CHECK(loose.trajectory_error == Approx(m.trajectory_error));

    Matrix glitch = circle(times, 1);
    glitch(0, 400) += 9;
    const TrajectoryMetrics g =
        compare_trajectories(*spring, Chart::kCanonical, times, circle(times, 1), glitch);
    CHECK(g.valid_time == Approx(4));
    CHECK_FALSE(g.valid_throughout);
  }

  TEST_CASE("what a truncated prediction does not reach is lost") {
    const Vector times = grid(11, 10);
    const Matrix truth = circle(times, 1);
    const TrajectoryMetrics m =
        compare_trajectories(*spring, Chart::kCanonical, times, truth, truth.leftCols(6));
    CHECK(m.valid_time == Approx(6));
    CHECK_FALSE(m.valid_throughout);
    CHECK(m.trajectory_error == kInfinity);
    CHECK(m.energy_drift == kInfinity);
    CHECK(m.energy_rms == kInfinity);
    const TrajectoryMetrics none =
        compare_trajectories(*spring, Chart::kCanonical, times, truth, Matrix(2, 0));
    CHECK(none.valid_time == 0);
    CHECK_FALSE(none.valid_throughout);
  }

  TEST_CASE("a prediction that is not a number is lost, never good") {
    const Vector times = grid(11, 10);
    const Matrix truth = circle(times, 1);
    Matrix broken = truth;
    broken(1, 3) = std::numeric_limits<double>::quiet_NaN();
    const TrajectoryMetrics m =
        compare_trajectories(*spring, Chart::kCanonical, times, truth, broken);
    CHECK(m.valid_time == Approx(3));
    CHECK(m.trajectory_error == kInfinity);
    CHECK(m.energy_drift == kInfinity);
  }

  TEST_CASE("angles are compared modulo 2π, positions and momenta are not") {
    const auto pendulum = make_system("pendulum");
    const Vector times = grid(2, 1);
    Matrix truth(2, 2), turned(2, 2);
    truth << 0.3, 0.4, 1, 1.1;
    turned = truth;
    turned.row(0).array() += 4 * kPi;
    CHECK(compare_trajectories(*pendulum, Chart::kCanonical, times, truth, turned)
              .trajectory_error < 1e-12);
    turned = truth;
    turned.row(1).array() += 2 * kPi;
    CHECK(compare_trajectories(*pendulum, Chart::kCanonical, times, truth, turned)
              .trajectory_error > 0.1);
    Matrix far(2, 2);
    far << 1, 1, 0, 0;
    Matrix away = far;
    away.row(0).array() += 2 * kPi;
    CHECK(compare_trajectories(*spring, Chart::kCanonical, times, far, away).trajectory_error >
          1);
  }

  TEST_CASE("samples crowded together do not count more") {
    // Oracle: analytic; a constant distance on one half of the time is 1/√2 of it in the mean.
    Vector times(202);
    for (Index k = 0; k <= 200; ++k) times(k) = static_cast<double>(k) / 200;
    times(201) = 2;
    const Matrix truth = circle(times, 1);
    Matrix off = truth;
    off.leftCols(201) *= 1.1;
    off.col(201) *= 1.1;
    const double constant =
        compare_trajectories(*spring, Chart::kCanonical, times, truth, off).trajectory_error;
    off.col(201) = truth.col(201);
    const double partly =
        compare_trajectories(*spring, Chart::kCanonical, times, truth, off).trajectory_error;
    CHECK(partly / constant == Approx(std::sqrt(0.75)).epsilon(1e-9));
  }

  TEST_CASE("a system at rest is measured by its typical sizes") {
    // Oracle: analytic; ½ · typical p · typical q̇ = ½ size², and E = ½ · 0.01.
    const Vector times = grid(3, 1);
    Matrix moved = Matrix::Zero(2, 3);
    moved(0, 2) = 0.1;
    const TrajectoryMetrics m =
        compare_trajectories(*spring, Chart::kCanonical, times, Matrix::Zero(2, 3), moved);
    CHECK(m.energy_drift == Approx(0.01 / (size * size)));
  }

  TEST_CASE("backward times count like forward ones") {
    const Vector times = grid(101, 10);
    const TrajectoryMetrics m = compare_trajectories(*spring, Chart::kCanonical, -times,
                                                     circle(-times, 1), circle(-times, 1.1));
    CHECK(m.valid_time == Approx(10));
    CHECK(m.trajectory_error == Approx(0.1 / std::sqrt(2.0) / size));
  }

  TEST_CASE("wrong shapes, times and thresholds are refused") {
    const Vector times = grid(4, 1);
    const Matrix truth = circle(times, 1), longer = circle(grid(5, 1), 1);
    Vector standing = times;
    standing(2) = standing(1);
    const auto compare = [](const Vector& t, const Matrix& a, const Matrix& b,
                            double threshold) {
      return compare_trajectories(*spring, Chart::kCanonical, t, a, b, threshold);
    };
    CHECK_NOTHROW(compare(times, truth, truth, 0.1));
    CHECK_THROWS_AS(compare(times, longer, truth, 0.1), std::invalid_argument);
    CHECK_THROWS_AS(compare(times, truth, longer, 0.1), std::invalid_argument);
    CHECK_THROWS_AS(compare(times, truth, Matrix::Zero(3, 4), 0.1), std::invalid_argument);
    CHECK_THROWS_AS(compare(standing, truth, truth, 0.1), std::invalid_argument);
    CHECK_THROWS_AS(compare(times, truth, truth, 0), std::invalid_argument);
    CHECK_THROWS_AS(compare(times, truth, truth, HUGE_VAL), std::invalid_argument);
    CHECK_THROWS_AS(compare(Vector(0), Matrix(2, 0), Matrix(2, 0), 0.1), std::invalid_argument);
  }
}
