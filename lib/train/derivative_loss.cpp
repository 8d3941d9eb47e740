#include "train/derivative_loss.h"

#include <algorithm>

#include "base/contract.h"
#include "train/check_examples.h"
#include "train/examples.h"
#include "train/residual.h"

namespace least_action {

template <class S>
DerivativeLoss<S>::DerivativeLoss(const DynamicsModel<S>& model,
                                  const std::vector<Trajectory>& part, const Vector& weights,
                                  Index capacity)
    : model_(&model) {
  constexpr std::string_view kWhere = "DerivativeLoss";
  const Index dimension = model.dimension();
  check_part(kWhere, part, dimension, weights, capacity);
  const std::vector<Index> samples = derivative_examples(part);
  if (samples.empty()) {
    fail(kWhere,
         "the part holds no samples with a complete state and a derivative; at least "
         "one is needed");
  }
  states_ = Dataset::states(part)(Eigen::all, samples).template cast<S>();
  derivatives_ = Dataset::derivatives(part)(Eigen::all, samples).template cast<S>();
  targets_per_example_ =
      static_cast<double>(derivatives_.size() - derivatives_.array().isNaN().count()) /
      static_cast<double>(samples.size());
  weights_ = weights.template cast<S>();
  x_.resize(dimension, capacity);
  x_bar_.resize(dimension, capacity);
  residual_.resize(dimension, capacity);
  tape_ = model.make_tape(capacity);
}

template <class S>
double DerivativeLoss<S>::evaluate(const VectorX<S>& theta, std::span<const Index> examples,
                                   VectorRefX<S> gradient) {
  check_examples("DerivativeLoss::evaluate", examples, num_examples(), capacity());
  const auto count = static_cast<Index>(examples.size());
  const Index dimension = model_->dimension();
  auto x = x_.leftCols(count);
  auto residual = residual_.leftCols(count);
  for (Index b = 0; b < count; ++b) {
    const Index example = examples[static_cast<std::size_t>(b)];
    std::copy_n(states_.data() + example * dimension, dimension, x_.data() + b * dimension);
  }
  model_->forward(theta, x, residual, *tape_);

  const double terms = targets_per_example_ * static_cast<double>(count);
  const auto factor = static_cast<S>(2 / terms);
  double squares = 0;
  for (Index b = 0; b < count; ++b) {
    const Index example = examples[static_cast<std::size_t>(b)];
    squares += to_cotangent<S>(weights_, factor, derivatives_.data() + example * dimension,
                               residual_.data() + b * dimension);
  }
  if (gradient.size() > 0) {
    gradient.setZero();
    model_->vjp(theta, residual, x_bar_.leftCols(count), gradient, *tape_);
  }
  cost_ = {1, gradient.size() > 0 ? 1 : 0, tape_->bytes()};
  return squares / terms;
}

template class DerivativeLoss<float>;
template class DerivativeLoss<double>;

}  // namespace least_action
