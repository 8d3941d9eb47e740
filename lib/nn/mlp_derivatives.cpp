#include "nn/mlp_derivatives.h"

#include <algorithm>
#include <vector>

#include "base/contract.h"
#include "nn/contract_checks.h"
#include "nn/derivative_passes.h"

namespace least_action {

template <class S>
MlpDerivativesTape<S>::MlpDerivativesTape(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
template <class S>
MlpDerivativesTape<S>::~MlpDerivativesTape() = default;
template <class S>
Index MlpDerivativesTape<S>::capacity() const {
  return state_->passes.capacity();
}
template <class S>
std::size_t MlpDerivativesTape<S>::bytes() const {
  return state_->passes.bytes();
}

template <class S>
struct MlpDerivativesTape<S>::State {
  State(const MlpLayout& layout, Index columns, Index capacity)
      : passes(layout, columns, capacity) {}
  DerivativePasses<S> passes;
  Index batch = 0;
  Index first = -1;  ///< First kept Hessian column; −1: none kept.
};

template <class S>
MlpDerivatives<S>::MlpDerivatives(MlpLayout layout, Index columns)
    : mlp_(std::move(layout)), columns_(columns) {
  if (mlp_.outputs() != 1)
    fail_value("MlpDerivatives", "layout.outputs", static_cast<double>(mlp_.outputs()),
               "1 (a scalar network)");
  if (columns < 0 || columns > mlp_.inputs())
    fail_value("MlpDerivatives", "columns", static_cast<double>(columns),
               "from 0 to the number of inputs");
}

template <class S>
std::unique_ptr<MlpDerivativesTape<S>> MlpDerivatives<S>::make_tape(Index capacity) const {
  if (capacity <= 0)
    fail_value("MlpDerivatives::make_tape", "capacity", static_cast<double>(capacity),
               "positive");
  using State = typename MlpDerivativesTape<S>::State;
  return std::unique_ptr<MlpDerivativesTape<S>>(
      new MlpDerivativesTape<S>(std::make_unique<State>(layout(), columns_, capacity)));
}

template <class S>
void MlpDerivatives<S>::gradient(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x,
                                 MatrixRefX<S> value, MatrixRefX<S> grad,
                                 MlpDerivativesTape<S>& tape) const {
  constexpr const char* kWhere = "MlpDerivatives::gradient";
  auto& state = *tape.state_;
  const Index batch = x.cols();
  check_theta(kWhere, theta.size(), num_parameters());
  check_batch(kWhere, batch, state.passes.capacity());
  check_shape(kWhere, "x", x, inputs(), batch);
  if (value.size() != 0) check_shape(kWhere, "value", value, 1, batch);
  check_shape(kWhere, "grad", grad, inputs(), batch);
  state.batch = batch;
  state.first = -1;
  state.passes.set_theta(theta);
  for (Index i = 0; i < num_panels(batch); ++i) {
    state.passes.gradient(panel_at<S>(batch, i), x, value, grad);
  }
}

template <class S>
void MlpDerivatives<S>::value_pullback(ConstVectorRefX<S> theta, ConstMatrixRefX<S> c,
                                       VectorRefX<S> theta_bar,
                                       MlpDerivativesTape<S>& tape) const {
  constexpr const char* kWhere = "MlpDerivatives::value_pullback";
  auto& state = *tape.state_;
  check_theta(kWhere, theta.size(), num_parameters());
  if (state.batch == 0) fail(kWhere, "the tape is empty, expected a gradient before");
  check_shape(kWhere, "c", c, 1, state.batch);
  check_theta_bar(kWhere, theta_bar.size(), num_parameters());
  if (theta_bar.size() == 0) return;
  for (Index i = 0; i < num_panels(state.batch); ++i) {
    state.passes.value_pullback(panel_at<S>(state.batch, i), c, theta_bar.data());
  }
}

template <class S>
void MlpDerivatives<S>::hessian_product(ConstVectorRefX<S> theta, ConstMatrixRefX<S> v,
                                        MatrixRefX<S> hv, MlpDerivativesTape<S>& tape) const {
  VectorX<S> no_theta_bar;
  gradient_pullback(theta, v, hv, no_theta_bar, tape);
}

template <class S>
void MlpDerivatives<S>::gradient_pullback(ConstVectorRefX<S> theta, ConstMatrixRefX<S> v,
                                          MatrixRefX<S> hv, VectorRefX<S> theta_bar,
                                          MlpDerivativesTape<S>& tape) const {
  constexpr const char* kWhere = "MlpDerivatives::gradient_pullback";
  auto& state = *tape.state_;
  check_theta(kWhere, theta.size(), num_parameters());
  if (state.batch == 0) fail(kWhere, "the tape is empty, expected a gradient before");
  check_shape(kWhere, "v", v, inputs(), state.batch);
  if (hv.size() != 0) check_shape(kWhere, "hv", hv, inputs(), state.batch);
  check_theta_bar(kWhere, theta_bar.size(), num_parameters());
  S* bar = theta_bar.size() == 0 ? nullptr : theta_bar.data();
  for (Index i = 0; i < num_panels(state.batch); ++i) {
    state.passes.gradient_pullback(panel_at<S>(state.batch, i), v, hv, bar);
  }
}

template <class S>
void MlpDerivatives<S>::hessian_columns(ConstVectorRefX<S> theta, Index first,
                                        MatrixRefX<S> hessian,
                                        MlpDerivativesTape<S>& tape) const {
  constexpr const char* kWhere = "MlpDerivatives::hessian_columns";
  auto& state = *tape.state_;
  check_theta(kWhere, theta.size(), num_parameters());
  if (state.batch == 0) fail(kWhere, "the tape is empty, expected a gradient before");
  if (columns_ == 0) fail(kWhere, "this object was made for 0 columns");
  if (first < 0 || first + columns_ > inputs())
    fail_value(kWhere, "first", static_cast<double>(first),
               "such that first … first + columns − 1 are inputs");
  check_shape(kWhere, "hessian", hessian, columns_ * inputs(), state.batch);
  for (Index i = 0; i < num_panels(state.batch); ++i) {
    state.passes.hessian_columns(panel_at<S>(state.batch, i), first, hessian);
  }
  state.first = first;
}

template <class S>
void MlpDerivatives<S>::mixed_pullback(ConstVectorRefX<S> theta, ConstMatrixRefX<S> a,
                                       ConstMatrixRefX<S> u, ConstMatrixRefX<S> c, S weight,
                                       MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
                                       MlpDerivativesTape<S>& tape) const {
  constexpr const char* kWhere = "MlpDerivatives::mixed_pullback";
  auto& state = *tape.state_;
  check_theta(kWhere, theta.size(), num_parameters());
  if (state.first < 0)
    fail(kWhere, "the tape keeps no Hessian columns, expected a hessian_columns before");
  check_shape(kWhere, "a", a, inputs(), state.batch);
  check_shape(kWhere, "u", u, columns_, state.batch);
  check_shape(kWhere, "c", c, inputs(), state.batch);
  if (x_bar.size() != 0) check_shape(kWhere, "x_bar", x_bar, inputs(), state.batch);
  check_theta_bar(kWhere, theta_bar.size(), num_parameters());
  S* bar = theta_bar.size() == 0 ? nullptr : theta_bar.data();
  for (Index i = 0; i < num_panels(state.batch); ++i) {
    state.passes.mixed_pullback(panel_at<S>(state.batch, i), state.first, a, u, c, weight,
                                x_bar, bar);
  }
}

template class MlpDerivativesTape<float>;
template class MlpDerivativesTape<double>;
template class MlpDerivatives<float>;
template class MlpDerivatives<double>;

}  // namespace least_action
