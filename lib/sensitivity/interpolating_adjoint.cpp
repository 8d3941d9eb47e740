#include "sensitivity/interpolating_adjoint.h"

namespace least_action {

template <class S>
InterpolatingAdjoint<S>::InterpolatingAdjoint(const SensitivityOptions& options,
                                              const VectorField<S>& field, Index max_batch,
                                              Index max_points)
    : path_(options, field, max_batch, max_points, ForwardPath<S>::Keep::kAllSteps),
      sweep_(options, field, path_, std::make_unique<InterpolatedField<S>>(field, path_)) {}

template <class S>
SolveStatus InterpolatingAdjoint<S>::forward(const VectorField<S>& field, ConstMatrixRef times,
                                             ConstMatrixRefX<S> x0, MatrixRefX<S> states) {
  const SolveStatus status = path_.solve(field, times, x0, states);
  message_ = path_.message();
  statistics_ = {};
  statistics_.forward = path_.statistics();
  statistics_.peak_bytes = sizeof(*this) + path_.bytes() + sweep_.bytes();
  return status;
}

template <class S>
SolveStatus InterpolatingAdjoint<S>::backward(const VectorField<S>& field,
                                              ConstMatrixRefX<S> states_bar,
                                              MatrixRefX<S> x0_bar, VectorRefX<S> theta_bar,
                                              MatrixRef times_bar) {
  const SolveStatus status = sweep_.run(field, states_bar, x0_bar, theta_bar, times_bar);
  if (status != SolveStatus::kReachedEnd) message_ = sweep_.message();
  statistics_.backward = sweep_.statistics();
  statistics_.vjps = sweep_.vjps();
  return status;
}

template class InterpolatingAdjoint<float>;
template class InterpolatingAdjoint<double>;

}  // namespace least_action
