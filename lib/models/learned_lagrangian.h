#pragma once

#include <memory>

#include "mechanics/lagrangian.h"
#include "models/lagrangian_network.h"

namespace least_action {

/// The Lagrangian that a network has learned, for the action functional. Refers to the network
/// and to θ, which must outlive it; a change of θ is seen by the next `evaluate`.
class LearnedLagrangian final : public Lagrangian {
 public:
  /// Throws std::invalid_argument where `theta` has another size, or capacity < 1. `capacity`:
  /// samples of one pass; larger batches take several.
  LearnedLagrangian(const LagrangianNetwork<double>& model, const Vector& theta,
                    Index capacity = 256);

  Index degrees_of_freedom() const override { return model_->spec().degrees_of_freedom; }
  void evaluate(ConstVectorRef t, ConstMatrixRef x, MatrixRef value,
                MatrixRef gradient) override;

 private:
  const LagrangianNetwork<double>* model_;
  const Vector* theta_;
  std::unique_ptr<MlpDerivativesTape<double>> tape_;
};

}  // namespace least_action
