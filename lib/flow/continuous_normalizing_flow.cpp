#include "flow/continuous_normalizing_flow.h"

#include <string>

#include "base/contract.h"
#include "base/unknown_name.h"
#include "nn/initializer.h"

namespace least_action {
namespace {

constexpr const char* kWhere = "FlowField";

template <class S>
struct FlowTape final : VectorField<S>::Tape {
  FlowTape(const Mlp<S>& mlp, Index samples)
      : network(mlp.make_tape(samples)),
        input(mlp.inputs(), samples),
        input_bar(mlp.inputs(), samples) {
    // What MlpTape holds, by its description: the features, φ', and (a, σ') of every layer.
    Index rows = 2 * mlp.layout().num_features();
    for (const Index width : mlp.layout().hidden) rows += 2 * width;
    network_bytes =
        static_cast<std::size_t>(rows * samples + 3 * mlp.num_parameters()) * sizeof(S);
  }
  Index capacity() const override { return input.cols(); }
  std::size_t bytes() const override {
    return network_bytes + 2 * static_cast<std::size_t>(input.size()) * sizeof(S);
  }

  std::unique_ptr<MlpTape<S>> network;
  MatrixX<S> input, input_bar;  // (x, t), and adjoints or tangents of the same shape
  std::size_t network_bytes = 0;
  Index batch = 0;
};

template <class S>
FlowTape<S>& tape_of(typename VectorField<S>::Tape& tape) {
  auto* mine = dynamic_cast<FlowTape<S>*>(&tape);
  if (mine == nullptr) fail(kWhere, "the tape was made by another kind of field");
  return *mine;
}

}  // namespace

MlpLayout FlowSpec::layout() const {
  MlpLayout layout;
  layout.inputs = dimension + 1;
  layout.hidden = hidden;
  layout.outputs = dimension;
  layout.activation = activation;
  return layout;
}

void FlowSpec::check() const {
  constexpr Index kMost = 1024;
  if (dimension < 1 || dimension > kMost)
    fail_value("FlowSpec", "dimension", static_cast<double>(dimension), "from 1 to 1024");
  layout().check();
}

const std::vector<TraceTraits>& trace_estimators() {
  static const std::vector<TraceTraits> all = {
      {TraceEstimator::kExact, "exact", "Exact trace", "One tangent a dimension, no noise."},
      {TraceEstimator::kRademacher, "rademacher", "Hutchinson, ±1",
       "One tangent along random signs: unbiased, of least variance."},
      {TraceEstimator::kGaussian, "gaussian", "Hutchinson, Gaussian",
       "One tangent along a random direction: unbiased, noisier."}};
  return all;
}

const TraceTraits& traits(TraceEstimator estimator) {
  for (const TraceTraits& each : trace_estimators()) {
    if (each.estimator == estimator) return each;
  }
  fail_value("traits", "estimator", static_cast<double>(estimator),
             "one of trace_estimators()");
}

TraceEstimator trace_named(std::string_view name) {
  for (const TraceTraits& each : trace_estimators()) {
    if (each.name == name) return each.estimator;
  }
  fail_unknown("trace_named", "trace estimator", name,
               names_of(trace_estimators(), [](const TraceTraits& each) { return each.name; }));
}

template <class S>
void initialize_flow(const FlowSpec& spec, const Random& random, VectorRefX<S> theta) {
  spec.check();
  const MlpLayout layout = spec.layout();
  initialize<S>(Initializer::kGlorot, layout, random, theta);
  const MlpLayout::Layer last = layout.layers().back();
  theta.segment(last.weight_offset, last.rows * last.cols) *= S(0.1);
}

template <class S>
FlowField<S>::FlowField(const FlowSpec& spec, const VectorX<S>& theta)
    : dimension_(spec.dimension), mlp_((spec.check(), spec.layout())), theta_(&theta) {
  if (theta.size() != mlp_.num_parameters())
    fail_size(kWhere, "theta", theta.size(), mlp_.num_parameters(), "parameters of the flow");
}

template <class S>
std::unique_ptr<typename FlowField<S>::Tape> FlowField<S>::make_tape(Index capacity) const {
  return std::make_unique<FlowTape<S>>(mlp_, capacity);
}

template <class S>
void FlowField<S>::forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
                           Tape& tape) const {
  auto& mine = tape_of<S>(tape);
  const Index batch = x.cols();
  if (x.rows() != dimension_) fail_size(kWhere, "x", x.rows(), dimension_, "rows");
  if (t.size() != batch) fail_size(kWhere, "t", t.size(), batch, "one for each sample");
  if (batch < 1 || batch > mine.capacity())
    fail_value(kWhere, "batch size", static_cast<double>(batch),
               "from 1 to the tape's capacity");
  mine.batch = 0;
  mine.input.topRows(dimension_).leftCols(batch) = x;
  mine.input.row(dimension_).head(batch) = t.transpose();
  mlp_.forward(*theta_, mine.input.leftCols(batch), x_dot, *mine.network);
  mine.batch = batch;
}

template <class S>
void FlowField<S>::vjp(ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
                       Tape& tape) const {
  auto& mine = tape_of<S>(tape);
  if (mine.batch == 0) fail(kWhere, "the tape holds no forward pass; call forward first");
  if (x_bar.rows() != dimension_ || x_bar.cols() != mine.batch)
    fail_shape(kWhere, "x_bar", x_bar.rows(), x_bar.cols(), dimension_, mine.batch);
  mlp_.pullback(*theta_, w, mine.input_bar.leftCols(mine.batch), theta_bar, *mine.network);
  x_bar = mine.input_bar.topRows(dimension_).leftCols(mine.batch);
}

template <class S>
void FlowField<S>::jvp(ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent, Tape& tape) const {
  auto& mine = tape_of<S>(tape);
  if (mine.batch == 0) fail(kWhere, "the tape holds no forward pass; call forward first");
  if (v.rows() != dimension_ || v.cols() != mine.batch)
    fail_shape(kWhere, "v", v.rows(), v.cols(), dimension_, mine.batch);
  mine.input_bar.topRows(dimension_).leftCols(mine.batch) = v;
  mine.input_bar.row(dimension_).head(mine.batch).setZero();
  mlp_.pushforward(*theta_, mine.input_bar.leftCols(mine.batch), x_dot_tangent, *mine.network);
}

template <class S>
void FlowField<S>::time_vjp(ConstMatrixRefX<S> w, VectorRefX<S> t_bar, Tape& tape) const {
  auto& mine = tape_of<S>(tape);
  if (mine.batch == 0) fail(kWhere, "the tape holds no forward pass; call forward first");
  if (t_bar.size() != mine.batch)
    fail_size(kWhere, "t_bar", t_bar.size(), mine.batch, "one for each sample");
  VectorX<S> none;
  mlp_.pullback(*theta_, w, mine.input_bar.leftCols(mine.batch), none, *mine.network);
  t_bar = mine.input_bar.row(dimension_).head(mine.batch).transpose();
}

#define LEAST_ACTION_INSTANTIATE(S)                                                \
  template void initialize_flow<S>(const FlowSpec&, const Random&, VectorRefX<S>); \
  template class FlowField<S>;
LEAST_ACTION_INSTANTIATE(float)
LEAST_ACTION_INSTANTIATE(double)
#undef LEAST_ACTION_INSTANTIATE

}  // namespace least_action
