#include "sensitivity/continuous_adjoint.h"

namespace least_action {

namespace {

using enum SensitivityMethod;

template <class S>
std::unique_ptr<AdjointField<S>> make_adjoint_field(SensitivityMethod method,
                                                    const VectorField<S>& field,
                                                    const ForwardPath<S>& path) {
  if (method == kInterpolating) return std::make_unique<InterpolatedField<S>>(field, path);
  return std::make_unique<BacksolveField<S>>(field, path);
}

}  // namespace

template <class S>
ContinuousAdjoint<S>::ContinuousAdjoint(const SensitivityOptions& options,
                                        const VectorField<S>& field, Index max_batch,
                                        Index max_points)
    : path_(options, field, max_batch, max_points,
            options.sensitivity == kInterpolating ? ForwardPath<S>::Keep::kAllSteps
                                                  : ForwardPath<S>::Keep::kObservations),
      sweep_(options, field, path_, make_adjoint_field<S>(options.sensitivity, field, path_)) {}

template <class S>
SolveStatus ContinuousAdjoint<S>::forward(const VectorField<S>& field, ConstMatrixRef times,
                                          ConstMatrixRefX<S> x0, MatrixRefX<S> states) {
  const SolveStatus status = path_.solve(field, times, x0, states);
  message_ = path_.message();
  statistics_ = {};
  statistics_.forward = path_.statistics();
  statistics_.peak_bytes = sizeof(*this) + path_.bytes() + sweep_.bytes();
  return status;
}

template <class S>
SolveStatus ContinuousAdjoint<S>::backward(const VectorField<S>& field,
                                           ConstMatrixRefX<S> states_bar, MatrixRefX<S> x0_bar,
                                           VectorRefX<S> theta_bar, MatrixRef times_bar) {
  const SolveStatus status = sweep_.run(field, states_bar, x0_bar, theta_bar, times_bar);
  if (status != SolveStatus::kReachedEnd) message_ = sweep_.message();
  statistics_.backward = sweep_.statistics();
  statistics_.vjps = sweep_.vjps();
  return status;
}

template class ContinuousAdjoint<float>;
template class ContinuousAdjoint<double>;

}  // namespace least_action
