#pragma once

#include <memory>
#include <vector>

#include "ode/adaptive_stepper.h"

namespace least_action {

/// A solution everywhere in the span it was solved over, by the method's own dense output
/// (cubic Hermite, order 3, for fixed-step methods). Every sample has its own steps. At a time
/// where an event changed the state it gives the state before.
class DenseSolution final {
 public:
  DenseSolution() = default;
  /// What a solver does: `stepper` knows how to read its records, and is not stepped by this.
  DenseSolution(std::shared_ptr<const AdaptiveStepper<double>> stepper, ConstVectorRef t0,
                ConstMatrixRef x0);
  /// Keeps the sample's last accepted step, up to `t`.
  void append(Index sample, double t);

  Index dimension() const { return x0_.rows(); }
  Index batch() const { return x0_.cols(); }
  double begin(Index sample) const { return t0_[sample]; }
  /// How far the sample was solved.
  double end(Index sample) const;
  Index steps(Index sample) const;

  /// Writes the state of a sample. Throws std::invalid_argument outside begin … end.
  void evaluate(Index sample, double t, VectorRef x) const;
  Vector at(Index sample, double t) const;

  std::size_t bytes() const;

 private:
  struct Track {
    std::vector<double> ends;  // In the direction of the solve.
    std::vector<double> starts, sizes;
    std::vector<double> records;
  };
  const Track& track(Index sample) const;

  std::shared_ptr<const AdaptiveStepper<double>> stepper_;
  Vector t0_;
  Matrix x0_;
  std::vector<Track> tracks_;
};

}  // namespace least_action
