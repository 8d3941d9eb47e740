#include "flow_calls.h"

namespace least_action::web {

void FlowCalls::set_solve(const std::string& method, double step, double relative_tolerance,
                          double absolute_tolerance, double max_steps) {
  SolveOptions& solve = options_.solve;
  solve.method = method_named(method);
  solve.step = step;
  solve.relative_tolerance = relative_tolerance;
  solve.absolute_tolerance = absolute_tolerance;
  solve.max_steps = static_cast<Index>(max_steps);
}

void FlowCalls::set_adjoint(const std::string& sensitivity, double checkpoints) {
  options_.sensitivity = sensitivity_named(sensitivity);
  options_.checkpoints = static_cast<Index>(checkpoints);
}

void FlowCalls::rollout(PhaseFlow& flow, int batch, int count) {
  const Index numbers = flow.dimension() * batch;
  const double* times = mailbox().input.data() + numbers;
  times_.assign(times, times + count);
  const Solution& solution =
      flow.rollout(input_matrix(flow.dimension(), batch), times_, options_.solve);
  Mailbox& out = mailbox();
  out.header[0] = address(solution.states.data());
  out.header[1] = static_cast<double>(solution.times.size());
  out.header[2] = static_cast<double>(solution.status);
  out.header[3] = static_cast<double>(solution.statistics.steps);
  out.header[4] = static_cast<double>(solution.statistics.rejected);
  out.header[5] = static_cast<double>(solution.statistics.evaluations);
  const std::string& message = solution.message.empty() ? solution.remark : solution.message;
  out.header[6] = message.empty() ? 0 : 1;
  if (!message.empty()) out.text = message;
}

void FlowCalls::pullback(PhaseFlow& flow, int batch, int count) {
  const Index dimension = flow.dimension(), numbers = dimension * batch;
  const double* times = mailbox().input.data() + numbers;
  times_.assign(times, times + count);
  const FlowPullback& result = flow.pullback(
      input_matrix(dimension, batch), times_,
      input_matrix(dimension, static_cast<Index>(batch) * count, numbers + count), options_);
  Mailbox& out = mailbox();
  out.header[0] = address(result.states.data());
  out.header[1] = address(result.x0_bar.data());
  out.header[2] = address(result.theta_bar.data());
  out.header[3] = static_cast<double>(result.theta_bar.size());
  out.header[4] = address(result.times_bar.data());
  out.header[5] = static_cast<double>(result.status);
  out.header[6] = static_cast<double>(result.statistics.forward.evaluations +
                                      result.statistics.backward.evaluations);
  out.header[7] = static_cast<double>(result.statistics.vjps);
  out.header[8] = static_cast<double>(result.statistics.peak_bytes);
  out.header[9] = result.message.empty() ? 0 : 1;
  if (!result.message.empty()) out.text = result.message;
}

void rates(PhaseFlow& flow, int count) {
  flow.rates(input_matrix(flow.dimension(), count), output_matrix(flow.dimension(), count));
}

}  // namespace least_action::web
