#pragma once

#include <cmath>

#include "base/random.h"
#include "base/types.h"

namespace least_action {

/// y = R s + r, the last step of a classifier or regressor on the final state s of a map. Its
/// parameters are a slice of θ: R (outputs × states, column major), then r (outputs). With no
/// outputs of its own (`trained` false) it is the projection on the first components.
template <class S>
class LinearReadOut final {
 public:
  LinearReadOut(Index states, Index outputs, bool trained)
      : states_(states), outputs_(outputs), trained_(trained) {}

  Index num_parameters() const { return trained_ ? outputs_ * (states_ + 1) : 0; }

  /// R normal with variance 1/states, r zero.
  void initialize(Random random, VectorRefX<S> theta) const {
    theta.setZero();
    const double scale = 1 / std::sqrt(double(states_));
    for (Index i = 0; trained_ && i < outputs_ * states_; ++i)
      theta[i] = S(scale * random.normal());
  }

  /// `theta` is the slice.
  template <class States>
  void forward(ConstVectorRefX<S> theta, const States& states, MatrixRefX<S> y) const {
    if (!trained_) {
      y = states.topRows(outputs_);
      return;
    }
    y.noalias() = matrix(theta).lazyProduct(states);
    y.colwise() += theta.tail(outputs_);
  }

  /// Writes s̄ and adds to the slice of θ̄ (which may be empty).
  template <class States, class StatesBar>
  void vjp(ConstVectorRefX<S> theta, const States& states, ConstMatrixRefX<S> y_bar,
           StatesBar&& states_bar, VectorRefX<S> theta_bar) const {
    if (!trained_) {
      states_bar.setZero();
      states_bar.topRows(outputs_) = y_bar;
      return;
    }
    states_bar.noalias() = matrix(theta).transpose().lazyProduct(y_bar);
    if (theta_bar.size() == 0) return;
    Eigen::Map<MatrixX<S>> r_bar(theta_bar.data(), outputs_, states_);
    r_bar.noalias() += y_bar.lazyProduct(states.transpose());
    theta_bar.tail(outputs_) += y_bar.rowwise().sum();
  }

 private:
  Eigen::Map<const MatrixX<S>> matrix(ConstVectorRefX<S> theta) const {
    return {theta.data(), outputs_, states_};
  }

  Index states_, outputs_;
  bool trained_;
};

}  // namespace least_action
