#include "sensitivity/discrete_adjoint.h"

#include <algorithm>
#include <limits>

#include "base/contract.h"

namespace least_action {

template <class S>
DiscreteAdjoint<S>::DiscreteAdjoint(const ButcherTableau& tableau, const VectorField<S>& field,
                                    Index max_batch, Index max_steps, StageTapes tapes)
    : stages_(tableau, field.dimension(), max_batch), max_steps_(max_steps) {
  if (max_steps < 1)
    fail_value("DiscreteAdjoint", "max_steps", double(max_steps), "at least 1");
  if (max_steps >= std::numeric_limits<Index>::max() / max_batch / field.dimension()) {
    fail_value("DiscreteAdjoint", "max_steps", double(max_steps),
               "small enough to count the entries of its checkpoints");
  }
  const Index count = tapes == StageTapes::kOne ? 1 : stages_.stages();
  for (Index i = 0; i < count; ++i) tapes_.push_back(field.make_tape(max_batch));
  const Index dimension = field.dimension();
  checkpoints_.setZero(dimension, max_batch * (max_steps + 1));
  times_.setZero(max_batch, max_steps);
  step_sizes_.setZero(max_batch, max_steps);
  m_.setZero(dimension, max_batch * stages_.stages());
  g_.setZero(dimension, max_batch);
  x_bar_.setZero(dimension, max_batch);
}

template <class S>
void DiscreteAdjoint<S>::forward(const VectorField<S>& field, ConstVectorRefX<S> t0,
                                 ConstMatrixRefX<S> intervals, ConstMatrixRefX<S> x0,
                                 Index points, Index substeps, MatrixRefX<S> states) {
  const char* where = "DiscreteAdjoint::forward";
  const Index dimension = stages_.dimension();
  const Index batch = x0.cols();
  if (field.dimension() != dimension) {
    fail_size(where, "the field's state", field.dimension(), dimension, "as at construction");
  }
  if (x0.rows() != dimension || batch < 1 || batch > max_batch()) {
    fail(where, "x0 is " + std::to_string(x0.rows()) + " × " + std::to_string(batch) +
                    ", expected " + std::to_string(dimension) + " × 1 … " +
                    std::to_string(max_batch()));
  }
  if (points < 1 || substeps < 1 || substeps > max_steps_ || points > max_steps_ / substeps) {
    fail(where, std::to_string(points) + " points of " + std::to_string(substeps) +
                    " steps; both must be at least 1 and their product at most max_steps " +
                    std::to_string(max_steps_));
  }
  if (t0.size() != batch) fail_size(where, "t0", t0.size(), batch, "samples");
  if (intervals.rows() != batch || (intervals.cols() != points && intervals.cols() != 1)) {
    fail_shape(where, "intervals", intervals.rows(), intervals.cols(), batch, points,
               "samples × points, or one column");
  }
  if (states.rows() != dimension || states.cols() != batch * (points + 1)) {
    fail_shape(where, "states", states.rows(), states.cols(), dimension, batch * (points + 1),
               "dimension × samples·(points + 1)");
  }

  batch_ = batch;
  points_ = points;
  substeps_ = substeps;
  health_ = {};
  checkpoints_.leftCols(batch) = x0;
  states.leftCols(batch) = x0;
  Tape& tape = *tapes_.front();
  for (Index point = 0, step = 0; point < points; ++point) {
    const Index interval = intervals.cols() == 1 ? 0 : point;
    for (Index substep = 0; substep < substeps; ++substep, ++step) {
      auto t = times_.col(step).head(batch);
      auto h = step_sizes_.col(step).head(batch);
      if (step == 0) {
        t = t0;
      } else {
        t = times_.col(step - 1).head(batch) + step_sizes_.col(step - 1).head(batch);
      }
      h = intervals.col(interval) / S(substeps);
      const auto x = checkpoints_.middleCols(step * batch, batch);
      for (Index i = 0; i < stages_.used_stages(); ++i) {
        stages_.prepare(i, t, h, x);
        field.forward(stages_.stage_time(batch), stages_.stage_state(batch),
                      stages_.k(i, batch), tape);
        const FieldHealth health = tape.health();
        health_.damped_samples = std::max(health_.damped_samples, health.damped_samples);
        health_.worst_condition = std::max(health_.worst_condition, health.worst_condition);
      }
      auto next = checkpoints_.middleCols((step + 1) * batch, batch);
      next = x;
      stages_.advance(h, next);
    }
    states.middleCols((point + 1) * batch, batch) =
        checkpoints_.middleCols((point + 1) * substeps * batch, batch);
  }
}

template <class S>
void DiscreteAdjoint<S>::backward(const VectorField<S>& field, ConstMatrixRefX<S> states_bar,
                                  MatrixRefX<S> x0_bar, VectorRefX<S> theta_bar) {
  const char* where = "DiscreteAdjoint::backward";
  if (batch_ == 0) fail(where, "there was no forward; expected one before");
  const Index dimension = stages_.dimension();
  if (states_bar.rows() != dimension || states_bar.cols() != batch_ * (points_ + 1)) {
    fail_shape(where, "states_bar", states_bar.rows(), states_bar.cols(), dimension,
               batch_ * (points_ + 1), "as the states of the last forward");
  }
  if (x0_bar.rows() != dimension || x0_bar.cols() != batch_) {
    fail_shape(where, "x0_bar", x0_bar.rows(), x0_bar.cols(), dimension, batch_);
  }
  if (theta_bar.size() != 0 && theta_bar.size() != field.num_parameters()) {
    fail_size(where, "theta_bar", theta_bar.size(), field.num_parameters(), "parameters, or 0");
  }

  auto x_bar = x_bar_.leftCols(batch_);
  x_bar = states_bar.middleCols(points_ * batch_, batch_);
  for (Index point = points_ - 1; point >= 0; --point) {
    for (Index substep = substeps_ - 1; substep >= 0; --substep) {
      pull_back_step(field, point * substeps_ + substep, theta_bar);
    }
    x_bar += states_bar.middleCols(point * batch_, batch_);
  }
  x0_bar = x_bar;
}

/// x̄ of the step's end becomes x̄ of its start.
template <class S>
void DiscreteAdjoint<S>::pull_back_step(const VectorField<S>& field, Index step,
                                        VectorRefX<S> theta_bar) {
  const Index batch = batch_;
  const auto t = times_.col(step).head(batch);
  const auto h = step_sizes_.col(step).head(batch);
  const auto x = checkpoints_.middleCols(step * batch, batch);
  const bool one_tape = tapes_.size() == 1;
  const auto evaluate = [&](Index i, Tape& tape) {
    stages_.prepare(i, t, h, x);
    field.forward(stages_.stage_time(batch), stages_.stage_state(batch), stages_.k(i, batch),
                  tape);
  };
  // An unused last stage has g_s = 0: nothing flows through it.
  const Index last = stages_.used_stages() - 1;

  for (Index i = 0; i <= last; ++i) evaluate(i, *tapes_[one_tape ? 0 : std::size_t(i)]);
  auto x_bar = x_bar_.leftCols(batch);
  auto g = g_.leftCols(batch);
  for (Index i = last; i >= 0; --i) {
    Tape& tape = *tapes_[one_tape ? 0 : std::size_t(i)];
    if (one_tape && i != last) evaluate(i, tape);
    g = stages_.b(i) * x_bar;
    for (Index j = i + 1; j <= last; ++j) {
      const S a = stages_.a(j, i);
      if (a != 0) g += a * m_.middleCols(j * max_batch(), batch);
    }
    g = g * h.asDiagonal();
    field.vjp(g, m_.middleCols(i * max_batch(), batch), theta_bar, tape);
  }
  for (Index i = 0; i <= last; ++i) x_bar += m_.middleCols(i * max_batch(), batch);
}

template <class S>
std::size_t DiscreteAdjoint<S>::bytes() const {
  std::size_t total =
      sizeof(S) * std::size_t(checkpoints_.size() + times_.size() + step_sizes_.size() +
                              m_.size() * 2 + g_.size() * 4);
  for (const auto& tape : tapes_) total += tape->bytes();
  return total;
}

template <class S>
FieldHealth DiscreteAdjoint<S>::health() const {
  return health_;
}

template class DiscreteAdjoint<float>;
template class DiscreteAdjoint<double>;

}  // namespace least_action
