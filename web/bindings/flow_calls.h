#pragma once

#include <emscripten/val.h>

#include <string>
#include <vector>

#include "mailbox.h"
#include "session/phase_flow.h"

namespace least_action::web {

/// The calls that everything with a phase flow has. Numbers come and go through the mailbox;
/// the shapes have been checked in JavaScript, and the library checks them again.
class FlowCalls final {
 public:
  /// How the calls below solve, until the next call: so that options cross only where they have
  /// changed. Throws std::invalid_argument for an unknown name.
  void set_solve(const std::string& method, double step, double relative_tolerance,
                 double absolute_tolerance, double max_steps);
  void set_adjoint(const std::string& sensitivity, double checkpoints);

  /// input: x0 (dimension × batch), times (count). header: states, times reached, status,
  /// steps, rejected, evaluations, whether text has a message.
  void rollout(PhaseFlow& flow, int batch, int count);
  /// input: x0, times, states_bar (dimension × batch · count). header: states, x0_bar,
  /// theta_bar, its size, times_bar, status, evaluations of both ways, vjps, peak bytes,
  /// whether text has a message.
  void pullback(PhaseFlow& flow, int batch, int count);

 private:
  SensitivityOptions options_;  // its `solve` is that of `rollout`, too
  std::vector<double> times_;
};

/// input: x (dimension × count). header: where the rates (dimension × count) are.
void rates(PhaseFlow& flow, int count);

/// The input from number `offset` on, as a matrix.
inline Eigen::Map<const Matrix> input_matrix(Index rows, Index cols, Index offset = 0) {
  return {mailbox().input.data() + offset, rows, cols};
}

/// The mailbox's output as a matrix to write to; header[0] says where it is.
inline Eigen::Map<Matrix> output_matrix(Index rows, Index cols) {
  double* data = mailbox().output.reserve(static_cast<std::size_t>(rows * cols));
  mailbox().header[0] = address(data);
  return {data, rows, cols};
}

}  // namespace least_action::web
