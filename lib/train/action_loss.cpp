#include "train/action_loss.h"

#include <algorithm>

#include "base/contract.h"
#include "train/check_examples.h"
#include "train/examples.h"

namespace least_action {
namespace {

template <class S>
const LagrangianNetwork<S>* lagrangian_of(const DynamicsModel<S>& model) {
  const auto* network = dynamic_cast<const LagrangianNetwork<S>*>(&model);
  if (network == nullptr) {
    fail("ActionLoss", "the model is a " + std::string(traits(model.spec().kind).title) +
                           "; expected a Lagrangian network, whose action it is");
  }
  return network;
}

Index checked_capacity(Index capacity) {
  if (capacity < 1) {
    fail_value("ActionLoss", "capacity", static_cast<double>(capacity), "at least 1");
  }
  return capacity;
}

}  // namespace

template <class S>
ActionLoss<S>::ActionLoss(const DynamicsModel<S>& model, const std::vector<Trajectory>& part,
                          const Vector& weights, Index capacity)
    : model_(lagrangian_of(model)),
      n_(model.spec().degrees_of_freedom),
      capacity_(checked_capacity(capacity)),
      mass_(n_, capacity_) {
  check_part("ActionLoss", part, model.dimension(), weights, capacity);
  const std::vector<PositionTriple> triples = position_triples(part);
  const auto count = static_cast<Index>(triples.size());
  if (count == 0) {
    fail("ActionLoss", "no trajectory has three points with all positions; at least one must");
  }
  first_.resize(2 * n_, count);
  second_.resize(2 * n_, count);
  before_.resize(count);
  after_.resize(count);
  acceleration_.resize(n_, count);
  Vector midpoint(2 * n_), velocity(n_);
  for (Index i = 0; i < count; ++i) {
    const PositionTriple& triple = triples[static_cast<std::size_t>(i)];
    const Trajectory& of = *triple.trajectory;
    // In double, before the cast: velocities are differences of close positions.
    const auto piece = [&](Index from, Index to) {
      const double h = of.times[to] - of.times[from];
      midpoint.head(n_) = (of.states.col(from).head(n_) + of.states.col(to).head(n_)) / 2;
      midpoint.tail(n_) = (of.states.col(to).head(n_) - of.states.col(from).head(n_)) / h;
      return h;
    };
    before_[i] = piece(triple.before, triple.at);
    velocity = midpoint.tail(n_);
    first_.col(i) = midpoint.template cast<S>();
    after_[i] = piece(triple.at, triple.after);
    second_.col(i) = midpoint.template cast<S>();
    acceleration_.col(i) = (midpoint.tail(n_) - velocity) / (0.5 * (before_[i] + after_[i]));
  }
  weights_ = weights.tail(n_);

  tape_ = model_->network().make_tape(2 * capacity_);
  x_.resize(2 * n_, 2 * capacity_);
  slopes_.resize(2 * n_, 2 * capacity_);
  hessian_.resize(2 * n_ * n_, 2 * capacity_);
  curve_a_.resize(2 * n_, 2 * capacity_);
  curve_u_.resize(n_, 2 * capacity_);
  curve_c_.resize(2 * n_, 2 * capacity_);
  force_.resize(n_, capacity_);
  error_.resize(n_, capacity_);
  cotangent_.resize(n_, capacity_);
  damping_.resize(n_ * n_, capacity_);
  one_mass_.resize(static_cast<std::size_t>(n_ * n_));
  h1_.resize(capacity_);
  h2_.resize(capacity_);
}

template <class S>
const double* ActionLoss<S>::mean_mass(Index b, Index count) {
  // Row 2n·j + i of `hessian_` is ∂²L/∂x_i∂q̇_j.
  const auto entry = [&](Index i, Index j) {
    const Index row = 2 * n_ * j + n_ + i;
    return static_cast<double>(hessian_(row, b)) +
           static_cast<double>(hessian_(row, count + b));
  };
  for (Index j = 0; j < n_; ++j) {
    for (Index i = 0; i <= j; ++i) {
      const double mean = 0.25 * (entry(i, j) + entry(j, i));
      one_mass_[static_cast<std::size_t>(j * n_ + i)] = mean;
      one_mass_[static_cast<std::size_t>(i * n_ + j)] = mean;
    }
  }
  return one_mass_.data();
}

template <class S>
double ActionLoss<S>::compare(std::span<const Index> examples) {
  const auto count = static_cast<Index>(examples.size());
  const double factor = 2 / static_cast<double>(n_ * count);
  double squares = 0;
  mass_.start_batch();
  for (Index b = 0; b < count; ++b) {
    const Index example = examples[static_cast<std::size_t>(b)];
    const double h1 = h1_[b] = before_[example], h2 = h2_[b] = after_[example];
    const double h = 0.5 * (h1 + h2);
    const double* mass = mean_mass(b, count);
    const double* a = acceleration_.col(example).data();
    for (Index i = 0; i < n_; ++i) {
      const double residual = 0.5 * h1 * static_cast<double>(slopes_(i, b)) +
                              0.5 * h2 * static_cast<double>(slopes_(i, count + b)) +
                              static_cast<double>(slopes_(n_ + i, b)) -
                              static_cast<double>(slopes_(n_ + i, count + b));
      double force = residual / h;
      for (Index j = 0; j < n_; ++j) force += mass[j * n_ + i] * a[j];
      force_(i, b) = force;
    }
    mass_.invert(b, mass);
    const double* inverse = mass_.inverse(b);
    for (Index i = 0; i < n_; ++i) {
      double predicted = 0;
      for (Index j = 0; j < n_; ++j) predicted += inverse[j * n_ + i] * force_(j, b);
      const double error = predicted - a[i], weighted = weights_[i] * error;
      squares += weighted * weighted;
      error_(i, b) = error;
      cotangent_(i, b) = factor * weights_[i] * weighted;
    }
  }
  return squares;
}

template <class S>
double ActionLoss<S>::evaluate(const VectorX<S>& theta, std::span<const Index> examples,
                               VectorRefX<S> gradient) {
  check_examples("ActionLoss::evaluate", examples, num_examples(), capacity());
  const auto count = static_cast<Index>(examples.size());
  for (Index b = 0; b < count; ++b) {
    const Index example = examples[static_cast<std::size_t>(b)];
    std::copy_n(first_.data() + example * 2 * n_, 2 * n_, x_.data() + b * 2 * n_);
    std::copy_n(second_.data() + example * 2 * n_, 2 * n_, x_.data() + (count + b) * 2 * n_);
  }
  MatrixX<S> no_value;
  const MlpDerivatives<S>& network = model_->network();
  network.gradient(theta, x_.leftCols(2 * count), no_value, slopes_.leftCols(2 * count),
                   *tape_);
  network.hessian_columns(theta, n_, hessian_.leftCols(2 * count), *tape_);
  const double squares = compare(examples);
  if (gradient.size() > 0) {
    gradient.setZero();
    pull_back(theta, count, gradient);
    if (!mass_.damped_samples().empty()) pull_back_damping(theta, count, gradient);
  }
  cost_ = {1, gradient.size() > 0 ? 1 : 0, tape_->bytes()};
  return squares / static_cast<double>(n_ * count);
}

template <class S>
void ActionLoss<S>::pull_back(const VectorX<S>& theta, Index count, VectorRefX<S> gradient) {
  for (Index b = 0; b < count; ++b) {
    const double* inverse = mass_.inverse(b);
    for (Index i = 0; i < n_; ++i) {
      double u = 0;
      for (Index j = 0; j < n_; ++j) u += inverse[j * n_ + i] * cotangent_(j, b);
      // uᵀr/h̄ = D_a L(m₁) + D_a L(m₂) with a = (h₁/2 u, u)/h̄ and (h₂/2 u, −u)/h̄.
      const double scaled = 2 * u / (h1_[b] + h2_[b]);
      curve_a_(i, b) = static_cast<S>(0.5 * h1_[b] * scaled);
      curve_a_(i, count + b) = static_cast<S>(0.5 * h2_[b] * scaled);
      curve_a_(n_ + i, b) = static_cast<S>(scaled);
      curve_a_(n_ + i, count + b) = static_cast<S>(-scaled);
      for (const Index column : {b, count + b}) {
        curve_u_(i, column) = static_cast<S>(u);
        curve_c_(i, column) = 0;
        curve_c_(n_ + i, column) = static_cast<S>(0.5 * error_(i, b));  // M̄ is a mean of two.
      }
    }
  }
  MatrixX<S> no_x_bar;
  model_->network().mixed_pullback(theta, curve_a_.leftCols(2 * count),
                                   curve_u_.leftCols(2 * count), curve_c_.leftCols(2 * count),
                                   S(-1), no_x_bar, gradient, *tape_);
}

/// Where M̄⁻¹ is damped, yᵀ de has the part ⟨E, dM̄⟩ = Σ_k e_kᵀ dM̄ E e_k more.
template <class S>
void ActionLoss<S>::pull_back_damping(const VectorX<S>& theta, Index count,
                                      VectorRefX<S> gradient) {
  for (const Index b : mass_.damped_samples()) {
    mass_.damping_cotangent(mean_mass(b, count), cotangent_.col(b).data(), force_.col(b).data(),
                            damping_.col(b).data());
  }
  curve_a_.leftCols(2 * count).setZero();
  curve_u_.leftCols(2 * count).setZero();
  curve_c_.leftCols(2 * count).setZero();
  MatrixX<S> no_x_bar;
  for (Index k = 0; k < n_; ++k) {
    for (const Index b : mass_.damped_samples()) {
      for (const Index column : {b, count + b}) {
        for (Index i = 0; i < n_; ++i) {
          curve_u_(i, column) = i == k ? S(1) : S(0);
          curve_c_(n_ + i, column) = static_cast<S>(0.5 * damping_(k * n_ + i, b));
        }
      }
    }
    model_->network().mixed_pullback(theta, curve_a_.leftCols(2 * count),
                                     curve_u_.leftCols(2 * count), curve_c_.leftCols(2 * count),
                                     S(1), no_x_bar, gradient, *tape_);
  }
}

template class ActionLoss<float>;
template class ActionLoss<double>;

}  // namespace least_action
