#include <string>

#include "base/contract.h"
#include "flow/continuous_normalizing_flow.h"
#include "nn/mlp_tangents.h"

namespace least_action {
namespace {

constexpr const char* kWhere = "FlowDensityField";

template <class S>
struct DensityTape final : VectorField<S>::Tape {
  DensityTape(const MlpTangents<S>& net, Index samples)
      : network(net.make_tape(samples)),
        input(net.inputs(), samples),
        directions(MatrixX<S>::Zero(net.tangents() * net.inputs(), samples)),
        f(net.outputs(), samples),
        f_dot(net.tangents() * net.outputs(), samples),
        f_bar(net.outputs(), samples),
        f_dot_bar(MatrixX<S>::Zero(net.tangents() * net.outputs(), samples)),
        input_bar(net.inputs(), samples),
        directions_bar(net.tangents() * net.inputs(), samples) {}
  Index capacity() const override { return input.cols(); }
  std::size_t bytes() const override {
    const Index numbers = input.size() + directions.size() + f.size() + f_dot.size() +
                          f_bar.size() + f_dot_bar.size() + input_bar.size() +
                          directions_bar.size();
    return network->bytes() + static_cast<std::size_t>(numbers) * sizeof(S);
  }

  std::unique_ptr<MlpTangentsTape<S>> network;
  MatrixX<S> input, directions, f, f_dot;                  // of the last forward
  MatrixX<S> f_bar, f_dot_bar, input_bar, directions_bar;  // of the last reverse
  Index batch = 0;
};

}  // namespace

template <class S>
void FlowStateLayout::draw_noise(Random& random, MatrixRefX<S> state) const {
  if (state.rows() != size())
    fail_size("FlowStateLayout::draw_noise", "state", state.rows(), size(), "rows");
  if (!is_estimated()) return;
  for (Index b = 0; b < state.cols(); ++b) {
    for (Index i = 0; i < dimension; ++i) {
      state(noise() + i, b) = trace == TraceEstimator::kGaussian
                                  ? static_cast<S>(random.normal())
                              : random.below(2) == 1 ? S(1)
                                                     : S(-1);
    }
  }
}

template <class S>
struct FlowDensityField<S>::Implementation {
  Implementation(const FlowSpec& spec, const VectorX<S>& parameters,
                 const FlowStateLayout& layout)
      : state(layout),
        network((spec.check(), spec.layout()), layout.is_estimated() ? 1 : spec.dimension),
        theta(&parameters) {}

  DensityTape<S>& tape_of(Tape& tape) const {
    auto* mine = dynamic_cast<DensityTape<S>*>(&tape);
    if (mine == nullptr) fail(kWhere, "the tape was made by another kind of field");
    return *mine;
  }
  /// A tape that holds a forward pass, for a derivative along `w` at it.
  DensityTape<S>& tape_for(const char* name, Index rows, Index cols, Tape& tape) const {
    DensityTape<S>& mine = tape_of(tape);
    if (mine.batch == 0) fail(kWhere, "the tape holds no forward pass; call forward first");
    if (rows != state.size() || cols != mine.batch)
      fail_shape(kWhere, name, rows, cols, state.size(), mine.batch);
    return mine;
  }

  /// The cotangents of f and of its tangents from those of (ẋ, ℓ̇, k̇).
  void load_cotangents(ConstMatrixRefX<S> w, DensityTape<S>& tape) const {
    const Index d = state.dimension;
    for (Index b = 0; b < tape.batch; ++b) {
      const S of_trace = -w(state.log_density(), b);
      for (Index i = 0; i < d; ++i) tape.f_bar(i, b) = w(i, b);
      if (state.kinetic) {
        const S twice = 2 * w(state.kinetic_energy(), b);
        for (Index i = 0; i < d; ++i) tape.f_bar(i, b) += twice * tape.f(i, b);
      }
      if (state.is_estimated()) {
        for (Index i = 0; i < d; ++i) tape.f_dot_bar(i, b) = of_trace * tape.directions(i, b);
      } else {
        for (Index j = 0; j < d; ++j) tape.f_dot_bar(j * d + j, b) = of_trace;
      }
    }
  }
  /// input_bar, directions_bar and θ̄ of w.
  void pull_back(ConstMatrixRefX<S> w, VectorRefX<S> theta_bar, DensityTape<S>& tape) const {
    load_cotangents(w, tape);
    pull_back_loaded(theta_bar, tape);
  }
  void pull_back_loaded(VectorRefX<S> theta_bar, DensityTape<S>& tape) const {
    const Index n = tape.batch;
    network.pullback(*theta, tape.f_bar.leftCols(n), tape.f_dot_bar.leftCols(n),
                     tape.input_bar.leftCols(n), tape.directions_bar.leftCols(n), theta_bar,
                     *tape.network);
  }

  FlowStateLayout state;
  MlpTangents<S> network;
  const VectorX<S>* theta;
};

template <class S>
FlowDensityField<S>::FlowDensityField(const FlowSpec& spec, const VectorX<S>& theta,
                                      TraceEstimator trace, bool kinetic)
    : layout_{spec.dimension, trace, kinetic},
      implementation_(std::make_unique<Implementation>(spec, theta, layout_)) {
  const Index expected = implementation_->network.num_parameters();
  if (theta.size() != expected)
    fail_size(kWhere, "theta", theta.size(), expected, "parameters of the flow");
}
template <class S>
FlowDensityField<S>::~FlowDensityField() = default;

template <class S>
Index FlowDensityField<S>::num_parameters() const {
  return implementation_->network.num_parameters();
}

template <class S>
std::unique_ptr<typename FlowDensityField<S>::Tape> FlowDensityField<S>::make_tape(
    Index capacity) const {
  auto tape = std::make_unique<DensityTape<S>>(implementation_->network, capacity);
  if (!layout_.is_estimated()) {
    const Index d = layout_.dimension;
    for (Index j = 0; j < d; ++j) tape->directions.row(j * (d + 1) + j).setOnes();
  }
  return tape;
}

template <class S>
void FlowDensityField<S>::forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x,
                                  MatrixRefX<S> x_dot, Tape& tape) const {
  DensityTape<S>& mine = implementation_->tape_of(tape);
  const Index n = x.cols(), d = layout_.dimension;
  if (x.rows() != dimension()) fail_size(kWhere, "x", x.rows(), dimension(), "rows");
  if (t.size() != n) fail_size(kWhere, "t", t.size(), n, "one for each sample");
  if (x_dot.rows() != dimension() || x_dot.cols() != n)
    fail_shape(kWhere, "x_dot", x_dot.rows(), x_dot.cols(), dimension(), n);
  if (n < 1 || n > mine.capacity())
    fail_value(kWhere, "batch size", static_cast<double>(n), "from 1 to the tape's capacity");
  mine.batch = 0;
  mine.input.topRows(d).leftCols(n) = x.topRows(d);
  mine.input.row(d).head(n) = t.transpose();
  if (layout_.is_estimated()) {
    mine.directions.topRows(d).leftCols(n) = x.middleRows(layout_.noise(), d);
  }
  implementation_->network.forward(*implementation_->theta, mine.input.leftCols(n),
                                   mine.directions.leftCols(n), mine.f.leftCols(n),
                                   mine.f_dot.leftCols(n), *mine.network);
  x_dot.topRows(d) = mine.f.leftCols(n);
  for (Index b = 0; b < n; ++b) {
    S trace = 0;
    for (Index i = 0; i < d; ++i) {
      trace += layout_.is_estimated() ? mine.directions(i, b) * mine.f_dot(i, b)
                                      : mine.f_dot(i * d + i, b);
    }
    x_dot(layout_.log_density(), b) = -trace;
    if (layout_.kinetic) x_dot(layout_.kinetic_energy(), b) = mine.f.col(b).squaredNorm();
  }
  if (layout_.is_estimated()) x_dot.bottomRows(d).setZero();
  mine.batch = n;
}

template <class S>
void FlowDensityField<S>::vjp(ConstMatrixRefX<S> w, MatrixRefX<S> x_bar,
                              VectorRefX<S> theta_bar, Tape& tape) const {
  DensityTape<S>& mine = implementation_->tape_for("w", w.rows(), w.cols(), tape);
  const Index n = mine.batch, d = layout_.dimension;
  if (x_bar.rows() != dimension() || x_bar.cols() != n)
    fail_shape(kWhere, "x_bar", x_bar.rows(), x_bar.cols(), dimension(), n);
  implementation_->pull_back(w, theta_bar, mine);
  x_bar.topRows(d) = mine.input_bar.topRows(d).leftCols(n);
  x_bar.middleRows(d, layout_.noise() - d).setZero();
  if (!layout_.is_estimated()) return;
  // ε enters εᵀ J ε twice: as the direction, and as what it is multiplied with.
  for (Index b = 0; b < n; ++b) {
    const S of_trace = -w(layout_.log_density(), b);
    for (Index i = 0; i < d; ++i) {
      x_bar(layout_.noise() + i, b) = mine.directions_bar(i, b) + of_trace * mine.f_dot(i, b);
    }
  }
}

template <class S>
void FlowDensityField<S>::time_vjp(ConstMatrixRefX<S> w, VectorRefX<S> t_bar,
                                   Tape& tape) const {
  DensityTape<S>& mine = implementation_->tape_for("w", w.rows(), w.cols(), tape);
  if (t_bar.size() != mine.batch)
    fail_size(kWhere, "t_bar", t_bar.size(), mine.batch, "one for each sample");
  VectorX<S> none;
  implementation_->pull_back(w, none, mine);
  t_bar = mine.input_bar.row(layout_.dimension).head(mine.batch).transpose();
}

template <class S>
void FlowDensityField<S>::jvp(ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent,
                              Tape& tape) const {
  DensityTape<S>& mine = implementation_->tape_for("v", v.rows(), v.cols(), tape);
  const Index n = mine.batch, d = layout_.dimension;
  if (x_dot_tangent.rows() != dimension() || x_dot_tangent.cols() != n)
    fail_shape(kWhere, "x_dot_tangent", x_dot_tangent.rows(), x_dot_tangent.cols(), dimension(),
               n);
  VectorX<S> none;
  x_dot_tangent.setZero();
  // Row i of the Jacobian by one reverse pass each, i = d being ℓ̇'s.
  for (Index i = 0; i <= d; ++i) {
    mine.f_bar.leftCols(n).setZero();
    mine.f_dot_bar.leftCols(n).setZero();
    for (Index b = 0; b < n; ++b) {
      if (i < d) {
        mine.f_bar(i, b) = 1;
      } else if (layout_.is_estimated()) {
        for (Index j = 0; j < d; ++j) mine.f_dot_bar(j, b) = -mine.directions(j, b);
      } else {
        for (Index j = 0; j < d; ++j) mine.f_dot_bar(j * d + j, b) = -1;
      }
    }
    implementation_->pull_back_loaded(none, mine);
    for (Index b = 0; b < n; ++b) {
      S sum = 0;
      for (Index j = 0; j < d; ++j) sum += mine.input_bar(j, b) * v(j, b);
      if (i == d && layout_.is_estimated()) {
        for (Index j = 0; j < d; ++j) {
          sum += (mine.directions_bar(j, b) - mine.f_dot(j, b)) * v(layout_.noise() + j, b);
        }
      }
      x_dot_tangent(i, b) = sum;
      if (i < d && layout_.kinetic) {
        x_dot_tangent(layout_.kinetic_energy(), b) += 2 * mine.f(i, b) * sum;
      }
    }
  }
}

#define LEAST_ACTION_INSTANTIATE(S)                                           \
  template void FlowStateLayout::draw_noise<S>(Random&, MatrixRefX<S>) const; \
  template class FlowDensityField<S>;
LEAST_ACTION_INSTANTIATE(float)
LEAST_ACTION_INSTANTIATE(double)
#undef LEAST_ACTION_INSTANTIATE

}  // namespace least_action
