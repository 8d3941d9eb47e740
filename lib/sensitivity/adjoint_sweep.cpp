#include "sensitivity/adjoint_sweep.h"

#include <algorithm>
#include <cmath>

#include "ode/methods.h"

namespace least_action {
namespace {

struct QuadratureNode {
  double place, weight;  // on [0, 1]
};

/// Gauss–Legendre on [0, 1]: n nodes integrate polynomials of degree 2n − 1 exactly.
constexpr QuadratureNode kGauss[4][4] = {
    {{0.5, 1}},
    {{0.21132486540518712, 0.5}, {0.78867513459481288, 0.5}},
    {{0.11270166537925831, 5.0 / 18}, {0.5, 8.0 / 18}, {0.88729833462074169, 5.0 / 18}},
    {{0.069431844202973712, 0.17392742256872693},
     {0.33000947820757187, 0.32607257743127307},
     {0.66999052179242813, 0.32607257743127307},
     {0.93056815579702629, 0.17392742256872693}}};

SolveOptions way_back(const SensitivityOptions& options) {
  SolveOptions back = options.solve;
  if (!traits(back.method).adaptive) back.method = Method::kDormandPrince54;
  if (options.adjoint_relative_tolerance > 0) {
    back.relative_tolerance = options.adjoint_relative_tolerance;
  }
  if (options.adjoint_absolute_tolerance > 0) {
    back.absolute_tolerance = options.adjoint_absolute_tolerance;
  }
  back.initial_step = 0;
  return back;
}

}  // namespace

template <class S>
AdjointSweep<S>::AdjointSweep(const SensitivityOptions& options, const VectorField<S>& field,
                              const ForwardPath<S>& path,
                              std::unique_ptr<AdjointField<S>> adjoint)
    : path_(&path), adjoint_(std::move(adjoint)) {
  const SolveOptions back = way_back(options);
  const Index max_batch = path.max_batch(), d = path.dimension();
  stepper_ = make_adaptive_stepper<S>(back, *adjoint_, max_batch);
  nodes_ = std::clamp<Index>((traits(back.method).order + 1) / 2, 1, 4);
  travellers_.resize(static_cast<std::size_t>(max_batch));
  status_.assign(static_cast<std::size_t>(max_batch), SolveStatus::kReachedEnd);
  y_.setZero(adjoint_->dimension());
  y_start_.setZero(adjoint_->dimension(), max_batch);
  t_start_.setZero(max_batch);
  t_target_.setZero(max_batch);
  node_tape_ = field.make_tape(nodes_ * max_batch);
  node_x_.setZero(d, nodes_ * max_batch);
  node_lambda_ = node_scratch_ = node_x_;
  node_t_.setZero(nodes_ * max_batch);
}

template <class S>
SolveStatus AdjointSweep<S>::run(const VectorField<S>& field, ConstMatrixRefX<S> states_bar,
                                 MatrixRefX<S> x0_bar, VectorRefX<S> theta_bar,
                                 MatrixRef times_bar) {
  path_->check_backward(field, states_bar, x0_bar, theta_bar, times_bar);
  adjoint_->refer_to(field);
  statistics_ = {};
  vjps_ = 0;
  waiting_ = 0;
  message_.clear();

  AdaptiveStepper<S>& stepper = *stepper_;
  const Index columns = embark(states_bar, x0_bar);
  SolveStatus worst = SolveStatus::kReachedEnd;
  if (columns > 0) {
    stepper.start(t_start_.head(columns), t_target_.head(columns), y_start_.leftCols(columns));
    while (stepper.active() > 0) {
      stepper.advance();
      if (theta_bar.size() > 0) {
        stepper.prepare_dense(stepper.accepted());
        for (const Index c : stepper.accepted()) add_nodes(field, c, theta_bar);
      }
      for (const Index c : stepper.accepted()) {
        Traveller& traveller = travellers_[std::size_t(c)];
        if (stepper.time(c) != path_->time(traveller.sample, traveller.next)) continue;
        y_ = stepper.states().col(c);
        if (gather(states_bar, traveller, lambda(y_), false)) {
          adjoint_->place(traveller.sample, traveller.here, y_);
          stepper.replace(c, traveller.time, y_);
          stepper.extend(c, path_->time(traveller.sample, traveller.next));
        } else {
          x0_bar.col(traveller.sample) = traveller.scale * lambda(y_);
        }
      }
    }
    flush(field, theta_bar);
    worst = finish(columns, x0_bar);
  }
  if (times_bar.size() > 0) differentiate_times(field, states_bar, x0_bar, times_bar);
  for (Index b = 0; b < path_->batch(); ++b) {
    if (status_[std::size_t(b)] == SolveStatus::kReachedEnd) x0_bar.col(b) += states_bar.col(b);
  }
  return worst;
}

/// Puts every sample that has a way to go into a column, and writes λ(t₀⁺) = 0 for the others.
/// Returns how many there are.
template <class S>
Index AdjointSweep<S>::embark(ConstMatrixRefX<S> states_bar, MatrixRefX<S> x0_bar) {
  const Index batch = path_->batch(), points = path_->points();
  Index columns = 0;
  for (Index b = 0; b < batch; ++b) {
    status_[std::size_t(b)] = path_->status(b);
    x0_bar.col(b).setZero();
    if (path_->status(b) != SolveStatus::kReachedEnd) continue;
    Traveller traveller;
    traveller.sample = b;
    traveller.here = traveller.next = points;
    traveller.time = path_->time(b, points);
    S scale = 0;
    for (Index k = 1; k <= points; ++k) {
      const auto x_bar = states_bar.col(k * batch + b);
      if (!x_bar.allFinite()) status_[std::size_t(b)] = SolveStatus::kNonFinite;
      scale = std::max(scale, x_bar.cwiseAbs().maxCoeff());
    }
    if (status_[std::size_t(b)] != SolveStatus::kReachedEnd || scale == 0) continue;
    traveller.scale = scale;
    y_.setZero();
    if (!gather(states_bar, traveller, lambda(y_), true)) {
      x0_bar.col(b) = scale * lambda(y_);
      continue;
    }
    adjoint_->place(b, traveller.here, y_);
    travellers_[std::size_t(columns)] = traveller;
    y_start_.col(columns) = y_;
    t_start_[columns] = traveller.time;
    t_target_[columns] = path_->time(b, traveller.next);
    ++columns;
  }
  return columns;
}

/// Adds to λ the cotangents of the observations at the traveller's time, from `next` down; one
/// that has not set out (`may_skip`) goes on to earlier ones at once while λ is 0. False where
/// there is nothing more to solve: λ is λ(t₀⁺).
template <class S>
bool AdjointSweep<S>::gather(ConstMatrixRefX<S> states_bar, Traveller& traveller,
                             VectorRefX<S> lambda, bool may_skip) const {
  const Index b = traveller.sample, batch = path_->batch();
  traveller.time = path_->time(b, traveller.next);
  Index& k = traveller.next;
  traveller.here = k;
  for (; k > 0; --k) {
    const double t = path_->time(b, k);
    if (t != traveller.time && (!may_skip || !lambda.isZero(0))) break;
    traveller.time = t;
    traveller.here = k;
    lambda += states_bar.col(k * batch + b) / traveller.scale;
  }
  return path_->time(b, k) != traveller.time && (!may_skip || !lambda.isZero(0));
}

template <class S>
void AdjointSweep<S>::add_nodes(const VectorField<S>& field, Index column,
                                VectorRefX<S> theta_bar) {
  const Traveller& traveller = travellers_[std::size_t(column)];
  const double end = stepper_->time(column);
  double from = stepper_->previous_time(column);
  while (from != end) {
    if (waiting_ + nodes_ > node_x_.cols()) flush(field, theta_bar);
    const double to = adjoint_->smooth_until(traveller.sample, from, end);
    const double h = to - from;
    for (Index j = 0; j < nodes_; ++j, ++waiting_) {
      const QuadratureNode& node = kGauss[nodes_ - 1][j];
      const double t = from + node.place * h;
      stepper_->interpolate(column, t, y_);
      adjoint_->state(traveller.sample, t, y_, node_x_.col(waiting_));
      // The step goes against the integral.
      node_lambda_.col(waiting_) =
          (static_cast<S>(-h * node.weight) * traveller.scale) * lambda(y_);
      node_t_[waiting_] = static_cast<S>(t);
    }
    from = to;
  }
}

template <class S>
void AdjointSweep<S>::flush(const VectorField<S>& field, VectorRefX<S> theta_bar) {
  if (waiting_ == 0) return;
  auto scratch = node_scratch_.leftCols(waiting_);
  field.forward(node_t_.head(waiting_), node_x_.leftCols(waiting_), scratch, *node_tape_);
  field.vjp(node_lambda_.leftCols(waiting_), scratch, theta_bar, *node_tape_);
  ++statistics_.evaluations;
  ++vjps_;
  waiting_ = 0;
}

/// Statuses and statistics of the solve; returns the worst status.
template <class S>
SolveStatus AdjointSweep<S>::finish(Index columns, MatrixRefX<S> x0_bar) {
  SolveStatus worst = SolveStatus::kReachedEnd;
  for (Index c = 0; c < columns; ++c) {
    const SolveStatistics sample = stepper_->statistics(c);
    statistics_.steps = std::max(statistics_.steps, sample.steps);
    statistics_.rejected = std::max(statistics_.rejected, sample.rejected);
    const SolveStatus status = stepper_->status(c);
    if (status == SolveStatus::kReachedEnd) continue;
    const Index sample_number = travellers_[std::size_t(c)].sample;
    status_[std::size_t(sample_number)] = status;
    x0_bar.col(sample_number).setZero();
    if (status > worst) {
      worst = status;
      message_ = "On the way back of sample " + std::to_string(sample_number) + ": " +
                 stepper_->message(c);
    }
  }
  const Index calls = stepper_->calls().evaluations();  // Each holds one vjp.
  statistics_.evaluations += calls;
  vjps_ += calls;
  return worst;
}

template <class S>
void AdjointSweep<S>::differentiate_times(const VectorField<S>& field,
                                          ConstMatrixRefX<S> states_bar,
                                          ConstMatrixRefX<S> lambda0, MatrixRef times_bar) {
  const Index batch = path_->batch();
  auto rate = node_scratch_.leftCols(batch);
  auto t = node_t_.head(batch);
  for (Index k = 0; k <= path_->points(); ++k) {
    for (Index b = 0; b < batch; ++b) t[b] = static_cast<S>(path_->time(b, k));
    field.forward(t, path_->observed(k), rate, *node_tape_);
    ++statistics_.evaluations;
    for (Index b = 0; b < batch; ++b) {
      if (status_[std::size_t(b)] != SolveStatus::kReachedEnd) {
        times_bar(b, k) = 0;
      } else if (k == 0) {
        times_bar(b, k) = -static_cast<double>(lambda0.col(b).dot(rate.col(b)));
      } else {
        times_bar(b, k) = static_cast<double>(states_bar.col(k * batch + b).dot(rate.col(b)));
      }
    }
  }
}

template <class S>
std::size_t AdjointSweep<S>::bytes() const {
  const auto numbers = static_cast<std::size_t>(y_.size() + y_start_.size() +
                                                3 * node_x_.size() + node_t_.size());
  return stepper_->bytes() + node_tape_->bytes() + sizeof(S) * numbers +
         travellers_.size() * (sizeof(Traveller) + 2 * sizeof(double) + sizeof(SolveStatus));
}

template class AdjointSweep<float>;
template class AdjointSweep<double>;

}  // namespace least_action
