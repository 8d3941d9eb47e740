#pragma once

#include "train/loss.h"

namespace least_action {

/// Derivative matching, the mean over B samples of
///
///   ‖W (f(x_b; θ) − ẋ_b)‖² / 2n,
///
/// where a target that was not observed is left out of the sum, and 2n is the mean number of
/// observed targets of an example (so the loss is the mean over all that were observed),
/// with gradient Σ_b (∂f/∂θ)ᵀ w_b, w_b = W² (f(x_b; θ) − ẋ_b) · 2/(2n B): one `forward` and one
/// `vjp` of the model. An example is a sample with a complete state and at least one target,
/// counted through the trajectories in order.
/// For W = 1 it is the loss of Greydanus et al. 2019, eq. 3 (there a sum of the two halves).
template <class S>
class DerivativeLoss final : public Loss<S> {
 public:
  /// Throws std::invalid_argument where the part holds no such sample, or sizes do not fit the
  /// model.
  DerivativeLoss(const DynamicsModel<S>& model, const std::vector<Trajectory>& part,
                 const Vector& weights, Index capacity);

  Index num_examples() const override { return states_.cols(); }
  Index capacity() const override { return x_.cols(); }
  double evaluate(const VectorX<S>& theta, std::span<const Index> examples,
                  VectorRefX<S> gradient) override;
  LossCost cost() const override { return cost_; }

 private:
  const DynamicsModel<S>* model_;
  MatrixX<S> states_, derivatives_;  // 2n × examples
  double targets_per_example_ = 0;   // observed, in the mean
  VectorX<S> weights_;
  MatrixX<S> x_, x_bar_;  // 2n × capacity
  MatrixX<S> residual_;   // 2n × capacity; f(x), then the cotangents
  std::unique_ptr<typename DynamicsModel<S>::Tape> tape_;
  LossCost cost_;
};

}  // namespace least_action
