#pragma once

#include "base/contract.h"
#include "base/types.h"

namespace least_action {

/// An initial state x₀(θ) that depends on parameters: its dx₀/dθ is the last term of the
/// adjoint's gradient (seed eq. 7). No call allocates. Shapes: x0: dimension × B.
template <class S>
class InitialState {
 public:
  virtual ~InitialState() = default;

  virtual Index batch() const = 0;
  virtual void evaluate(MatrixRefX<S> x0) const = 0;
  /// Adds (∂x₀/∂θ)ᵀ x̄₀ to `theta_bar`: all parameters of the functional.
  virtual void pull_back(ConstMatrixRefX<S> x0_bar, VectorRefX<S> theta_bar) const = 0;
};

/// x₀ learned itself: the parameters [first, first + dimension · B) of θ, column by column.
/// Refers to θ, which must outlive it.
template <class S>
class LearnedStart final : public InitialState<S> {
 public:
  /// Throws std::invalid_argument where θ does not hold that range.
  LearnedStart(const VectorX<S>& theta, Index first, Index dimension, Index batch)
      : theta_(&theta), first_(first), dimension_(dimension), batch_(batch) {
    if (first < 0 || dimension < 1 || batch < 1 || first + dimension * batch > theta.size()) {
      fail_size("LearnedStart", "theta", theta.size(), first + dimension * batch,
                "or more: the initial states stand at its end");
    }
  }

  Index batch() const override { return batch_; }
  void evaluate(MatrixRefX<S> x0) const override {
    x0 = Eigen::Map<const MatrixX<S>>(theta_->data() + first_, dimension_, batch_);
  }
  void pull_back(ConstMatrixRefX<S> x0_bar, VectorRefX<S> theta_bar) const override {
    Eigen::Map<MatrixX<S>>(theta_bar.data() + first_, dimension_, batch_) += x0_bar;
  }

 private:
  const VectorX<S>* theta_;
  Index first_, dimension_, batch_;
};

}  // namespace least_action
