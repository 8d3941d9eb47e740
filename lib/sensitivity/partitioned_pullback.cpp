#include "sensitivity/partitioned_pullback.h"

#include <algorithm>
#include <string>

#include "base/contract.h"
#include "ode/stepper.h"
#include "ode/yoshida.h"

namespace least_action {
namespace {

/// The factors of a composition of Störmer–Verlet steps; empty for symplectic Euler.
std::span<const double> factors(Method method) {
  static constexpr double kOne[] = {1};
  switch (method) {
    case Method::kSymplecticEuler:
      return {};
    case Method::kStormerVerlet:
      return kOne;
    case Method::kYoshida4:
      return yoshida_factors(4);
    case Method::kYoshida6:
      return yoshida_factors(6);
    case Method::kYoshida8:
      return yoshida_factors(8);
    default:
      fail("PartitionedPullback",
           std::string(traits(method).title) + " is no method of kicks and drifts");
  }
}

}  // namespace

/// `found` holds what each move found: q of a kick, p of a drift (n × capacity each); `x` the
/// step's end.
template <class S>
struct PartitionedPullback<S>::StepTape final : PartitionedPullback<S>::Tape {
  std::size_t bytes() const override {
    return sizeof(*this) + field->bytes() +
           sizeof(S) * std::size_t(found.size() + x.size() + 2 * t.size());
  }

  std::unique_ptr<typename VectorField<S>::Tape> field;
  Index batch = 0;  // 0: holds no step.
  MatrixX<S> found, x;
  VectorX<S> t, h;
};

template <class S>
PartitionedPullback<S>::PartitionedPullback(Method method, const VectorField<S>& field,
                                            Index max_batch) {
  const std::span<const double> gammas = factors(method);
  if (!field.is_separable() || field.dimension() % 2 != 0) {
    fail("PartitionedPullback",
         "the field is not separable, expected x = (q, p) with H = T(p) + V(q)");
  }
  if (max_batch < 1) {
    fail_value("PartitionedPullback", "max_batch", static_cast<double>(max_batch),
               "at least 1");
  }
  if (gammas.empty()) {
    moves_ = {{true, 1, 0}, {false, 1, 1}};
  } else {
    // The second half kick of a factor and the first of the next are one.
    double node = 0;
    moves_.push_back({true, 0, 0});
    for (const double gamma : gammas) {
      moves_.back().weight += 0.5 * gamma;
      moves_.push_back({false, gamma, node + 0.5 * gamma});
      node += gamma;
      moves_.push_back({true, 0.5 * gamma, node});
    }
  }
  rate_.setZero(field.dimension(), max_batch);
  state_ = g_ = x_bar_ = rate_;
  half_.setZero(field.dimension() / 2, max_batch);
  time_.setZero(max_batch);
  tau_ = time_;
}

template <class S>
std::unique_ptr<typename PartitionedPullback<S>::Tape> PartitionedPullback<S>::make_tape(
    const VectorField<S>& field, Index capacity, StageTapes) const {
  auto tape = std::make_unique<StepTape>();
  tape->field = field.make_tape(capacity);
  tape->found.setZero(dimension() / 2, capacity * static_cast<Index>(moves_.size()));
  tape->x.setZero(dimension(), capacity);
  tape->t.setZero(capacity);
  tape->h = tape->t;
  return tape;
}

template <class S>
bool PartitionedPullback<S>::forward(const VectorField<S>& field, ConstVectorRefX<S> t,
                                     ConstVectorRefX<S> h, MatrixRefX<S> x, Tape& any) {
  auto& tape = static_cast<StepTape&>(any);
  const Index batch = x.cols(), capacity = tape.x.cols(), n = dimension() / 2;
  check_step<S>("PartitionedPullback", dimension(), std::min(capacity, max_batch()), t, h, x);
  tape.batch = batch;
  tape.t.head(batch) = t;
  tape.h.head(batch) = h;
  auto rate = half_.leftCols(batch);
  auto time = time_.head(batch);
  for (std::size_t k = 0; k < moves_.size(); ++k) {
    const auto& [is_kick, weight, node] = moves_[k];
    auto found = tape.found.middleCols(static_cast<Index>(k) * capacity, batch);
    time = t + static_cast<S>(node) * h;
    if (is_kick) {
      found = x.topRows(n);
      field.force(time, found, rate, *tape.field);
      x.bottomRows(n) += static_cast<S>(weight) * (rate * h.asDiagonal());
    } else {
      found = x.bottomRows(n);
      field.velocity(time, found, rate, *tape.field);
      x.topRows(n) += static_cast<S>(weight) * (rate * h.asDiagonal());
    }
    use_.count(*tape.field);
  }
  tape.x.leftCols(batch) = x;
  return true;
}

template <class S>
void PartitionedPullback<S>::pull_back(const VectorField<S>& field, MatrixRefX<S> x_bar,
                                       VectorRefX<S> theta_bar, VectorRefX<S> t_bar,
                                       VectorRefX<S> h_bar, Tape& any) {
  const char* where = "PartitionedPullback::pull_back";
  auto& tape = static_cast<StepTape&>(any);
  const Index batch = tape.batch, capacity = tape.x.cols(), n = dimension() / 2;
  if (batch == 0) fail(where, "the tape holds no step; call forward first");
  if (x_bar.rows() != dimension() || x_bar.cols() != batch) {
    fail_shape(where, "x_bar", x_bar.rows(), x_bar.cols(), dimension(), batch);
  }
  if (t_bar.size() > 0) t_bar.setZero();
  if (h_bar.size() > 0) h_bar.setZero();
  const bool times = t_bar.size() > 0 || h_bar.size() > 0;
  const auto h = tape.h.head(batch);
  auto state = state_.leftCols(batch);
  auto rate = rate_.leftCols(batch);
  auto g = g_.leftCols(batch);
  auto pulled = x_bar_.leftCols(batch);
  auto time = time_.head(batch);
  auto tau = tau_.head(batch);
  // A move does not look at the half it changes, so the end's will do for all of them.
  state = tape.x.leftCols(batch);
  for (std::size_t k = moves_.size(); k-- > 0;) {
    const auto& [is_kick, weight, node] = moves_[k];
    const Index changed = is_kick ? n : 0;  // First row of the half that the move changed.
    const S a = static_cast<S>(weight);
    state.middleRows(n - changed, n) =
        tape.found.middleCols(static_cast<Index>(k) * capacity, batch);
    time = tape.t.head(batch) + static_cast<S>(node) * h;
    use_.forward(field, time, state, rate, *tape.field);
    g.setZero();
    g.middleRows(changed, n) = a * (x_bar.middleRows(changed, n) * h.asDiagonal());
    use_.vjp(field, g, pulled, theta_bar, *tape.field);
    if (h_bar.size() > 0) {
      for (Index b = 0; b < batch; ++b) {
        h_bar[b] += a * x_bar.col(b).segment(changed, n).dot(rate.col(b).segment(changed, n));
      }
    }
    if (times && !field.is_autonomous()) {
      field.time_vjp(g, tau, *tape.field);
      if (t_bar.size() > 0) t_bar += tau;
      if (h_bar.size() > 0) h_bar += static_cast<S>(node) * tau;
    }
    x_bar += pulled;
  }
}

template <class S>
std::size_t PartitionedPullback<S>::bytes() const {
  return sizeof(*this) + moves_.size() * sizeof(Move) +
         sizeof(S) * std::size_t(4 * rate_.size() + half_.size() + 2 * time_.size());
}

template class PartitionedPullback<float>;
template class PartitionedPullback<double>;

}  // namespace least_action
