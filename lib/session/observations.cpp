#include "session/observations.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/contract.h"
#include "data/finite_difference.h"
#include "io/csv.h"
#include "systems/system.h"

namespace least_action {
namespace {

constexpr const char* kWhere = "Dataset";
constexpr Index kMaxDegreesOfFreedom = 256;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Derivatives where the trajectories bring none; checks that the rest is well made.
void complete_part(std::vector<Trajectory>& part, const char* name, Index dimension,
                   bool estimate) {
  std::vector<std::size_t> bare;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i].derivatives.size() > 0) continue;
    part[i].derivatives.setConstant(dimension, part[i].times.size(), kNan);
    bare.push_back(i);
  }
  const std::string where = std::string(kWhere) + ", " + name + " part";
  check_part(where, part, dimension);
  for (std::size_t i = 0; i < part.size(); ++i) {
    const bool finite =
        !part[i].states.array().isInf().any() && !part[i].derivatives.array().isInf().any();
    if (!finite) {
      fail(where, "trajectory " + std::to_string(i) +
                      " holds a number that is infinite; expected numbers, or NaN for what was "
                      "not observed");
    }
  }
  if (!estimate) return;
  for (const std::size_t i : bare) {
    Trajectory& trajectory = part[i];
    if (trajectory.times.size() < 3) continue;
    differentiate(trajectory.times, trajectory.states, trajectory.derivatives);
    // Points that nearly coincide give quotients that are no numbers: missing, then.
    for (double& entry : trajectory.derivatives.reshaped()) {
      if (!std::isfinite(entry)) entry = kNan;
    }
  }
}

/// Carries the points of a trajectory to another chart.
class ChartChange final {
 public:
  ChartChange(const System& system, Chart from, Chart to)
      : system_(&system),
        from_(from),
        to_(to),
        n_(system.degrees_of_freedom()),
        jacobian_(system.dimension(), system.dimension()),
        moved_(system.dimension()),
        canonical_(system.dimension()),
        half_(n_) {}

  void apply(Trajectory& trajectory) {
    for (Index k = 0; k < trajectory.times.size(); ++k) {
      const auto x = trajectory.states.col(k);
      system_->convert(from_, to_, x, moved_);
      canonical_ = to_ == Chart::kCanonical ? moved_ : Vector(x);
      carry_derivative(trajectory.derivatives.col(k));
      trajectory.states.col(k) = moved_;
    }
  }

 private:
  /// Since q̇ = ∂H/∂p is the upper half of ẋ, its Jacobian [A B] there is that of the change of
  /// chart (q, p) ↦ (q, q̇):   dq̇ = A dq + B dp,   dp = B⁻¹ (dq̇ − A dq).
  void carry_derivative(VectorRef derivative) {
    system_->jacobian(Chart::kCanonical, canonical_, jacobian_);
    const auto q_block = jacobian_.topLeftCorner(n_, n_);
    const auto p_block = jacobian_.topRightCorner(n_, n_);
    const auto dq = derivative.head(n_);
    if (to_ == Chart::kVelocity) {
      half_ = product(q_block, dq) + product(p_block, derivative.tail(n_));
    } else {
      half_ = derivative.tail(n_) - product(q_block, dq);
      half_ = product(p_block.inverse(), half_);
    }
    derivative.tail(n_) = half_;
  }

  /// What is missing (NaN) matters only where its coefficient is not zero.
  static Vector product(const Matrix& matrix, const Vector& vector) {
    Vector result = Vector::Zero(matrix.rows());
    for (Index j = 0; j < matrix.cols(); ++j) {
      for (Index i = 0; i < matrix.rows(); ++i) {
        if (matrix(i, j) != 0) result[i] += matrix(i, j) * vector[j];
      }
    }
    return result;
  }

  const System* system_;
  Chart from_, to_;
  Index n_;
  Matrix jacobian_;
  Vector moved_, canonical_, half_;
};

}  // namespace

Dataset make_dataset(Observations observations, bool estimate_derivatives,
                     double test_fraction) {
  Dataset dataset;
  dataset.chart = observations.chart;
  dataset.degrees_of_freedom = observations.degrees_of_freedom;
  if (dataset.degrees_of_freedom < 1 || dataset.degrees_of_freedom > kMaxDegreesOfFreedom) {
    fail_value(kWhere, "degrees_of_freedom", static_cast<double>(dataset.degrees_of_freedom),
               "from 1 to " + std::to_string(kMaxDegreesOfFreedom));
  }
  if (!(test_fraction >= 0 && test_fraction < 1)) {
    fail_value(kWhere, "test_fraction", test_fraction, "at least 0 and less than 1");
  }
  dataset.train = std::move(observations.train);
  dataset.test = std::move(observations.test);
  if (dataset.train.empty()) fail(kWhere, "train is empty; expected a trajectory at least");
  complete_part(dataset.train, "training", dataset.dimension(), estimate_derivatives);
  complete_part(dataset.test, "test", dataset.dimension(), estimate_derivatives);
  if (!dataset.test.empty()) return dataset;
  const auto count = static_cast<std::ptrdiff_t>(dataset.train.size());
  const auto wanted =
      static_cast<std::ptrdiff_t>(std::ceil(test_fraction * static_cast<double>(count)));
  const auto first = dataset.train.end() - std::min(wanted, count - 1);
  dataset.test.assign(std::make_move_iterator(first),
                      std::make_move_iterator(dataset.train.end()));
  dataset.train.erase(first, dataset.train.end());
  return dataset;
}

std::string dataset_csv(const Dataset& dataset) { return write_dataset_csv(dataset); }

Dataset dataset_from_csv(std::string_view text) { return read_dataset_csv(text); }

Dataset dataset_in_chart(const Dataset& dataset, const System& system, Chart chart) {
  if (system.degrees_of_freedom() != dataset.degrees_of_freedom) {
    fail_value(kWhere, "degrees_of_freedom", static_cast<double>(dataset.degrees_of_freedom),
               "the " + std::to_string(system.degrees_of_freedom()) + " of the system " +
                   std::string(system.name()));
  }
  Dataset moved = dataset;
  moved.chart = chart;
  if (chart == dataset.chart) return moved;
  ChartChange change(system, dataset.chart, chart);
  for (Trajectory& trajectory : moved.train) change.apply(trajectory);
  for (Trajectory& trajectory : moved.test) change.apply(trajectory);
  return moved;
}

}  // namespace least_action
