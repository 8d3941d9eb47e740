#include "maps/invertible_residual_network.h"

#include <cmath>
#include <stdexcept>
#include <vector>

#include "maps/call_checks.h"
#include "maps/spectral_norm.h"
#include "nn/initializer.h"

namespace least_action {
namespace {

MlpLayout layout_of(const MapSpec& spec) {
  if (const auto fault = find_fault(spec)) throw std::invalid_argument(*fault);
  MlpLayout layout;
  layout.inputs = layout.outputs = spec.inputs;
  layout.hidden = spec.hidden;
  layout.activation = spec.activation;
  return layout;
}

double norm_of_each_layer(const MapSpec& spec) {
  const auto hidden = static_cast<double>(spec.hidden.size());
  return std::pow(spec.contraction / std::pow(lipschitz_constant(spec.activation), hidden),
                  1 / (hidden + 1));
}

/// log |det A| of a small matrix, which is destroyed, by elimination with row pivots.
template <class S>
S log_abs_determinant(MatrixRefX<S> a) {
  S sum = 0;
  for (Index k = 0; k < a.rows(); ++k) {
    Index pivot = k;
    for (Index i = k + 1; i < a.rows(); ++i)
      if (std::abs(a(i, k)) > std::abs(a(pivot, k))) pivot = i;
    if (pivot != k) a.row(k).swap(a.row(pivot));
    sum += std::log(std::abs(a(k, k)));
    for (Index i = k + 1; i < a.rows(); ++i) {
      const S factor = a(i, k) / a(k, k);
      for (Index j = k + 1; j < a.rows(); ++j) a(i, j) -= factor * a(k, j);
    }
  }
  return sum;
}

}  // namespace

double lipschitz_constant(Activation activation) {
  return activation == Activation::kSilu ? 1.0999 : 1.0;  // The others have |σ'| ≤ 1.
}

template <class S>
struct InvertibleResidualNetwork<S>::BlockTape final : LearnedMap<S>::Tape {
  BlockTape(const InvertibleResidualNetwork& map, Index samples)
      : blocks(map.spec_.blocks), max_samples(samples) {
    for (Index k = 0; k < blocks; ++k) networks.push_back(map.block_.make_tape(samples));
    for (const MlpLayout::Layer& layer : map.layers_)
      norms.emplace_back(layer.rows, layer.cols);
    weights.setZero(map.block_.num_parameters(), blocks);
    weights_bar.setZero(map.block_.num_parameters());
    const Index d = map.spec_.inputs;
    states.setZero(d, samples * (blocks + 1));
    bar.setZero(d, samples);
    increment.setZero(d, samples);
    jacobian.setZero(d, d * samples);
  }
  Index capacity() const override { return max_samples; }
  std::size_t bytes() const override {
    std::size_t entries = static_cast<std::size_t>(
        weights.size() + weights_bar.size() + states.size() + 2 * bar.size() + jacobian.size());
    std::size_t total = sizeof(*this) + sizeof(S) * entries;
    for (const auto& network : networks) total += map_checks::bytes_of(*network);
    return total;
  }
  Index evaluations() const override { return blocks; }
  const std::string& fault() const override { return no_fault; }

  Index blocks, max_samples, batch = 0;
  std::vector<std::unique_ptr<MlpTape<S>>> networks;
  std::vector<SpectralNorm<S>> norms;  // one for each layer's shape
  MatrixX<S> weights;                  // normalised parameters, a column for each block
  VectorX<S> weights_bar;
  MatrixX<S> states, bar, increment, jacobian;
  std::string no_fault;
};

template <class S>
InvertibleResidualNetwork<S>::InvertibleResidualNetwork(const MapSpec& spec)
    : spec_(spec),
      block_(layout_of(spec)),
      layers_(block_.layout().layers()),
      layer_norm_(norm_of_each_layer(spec)),
      read_out_(spec.inputs, spec.outputs, spec.read_out) {}

template <class S>
Index InvertibleResidualNetwork<S>::num_parameters() const {
  return spec_.blocks * block_.num_parameters() + read_out_.num_parameters();
}

template <class S>
void InvertibleResidualNetwork<S>::initialize(const Random& random, VectorRefX<S> theta) const {
  map_checks::check_theta("InvertibleResidualNetwork::initialize", theta.size(),
                          num_parameters());
  const Index n = block_.num_parameters();
  for (Index k = 0; k < spec_.blocks; ++k) {
    least_action::initialize<S>(Initializer::kGlorot, block_.layout(),
                                random.split(static_cast<std::uint64_t>(k)),
                                theta.segment(k * n, n));
  }
  read_out_.initialize(random.split(std::uint64_t(1) << 32),
                       theta.tail(read_out_.num_parameters()));
}

template <class S>
std::unique_ptr<typename InvertibleResidualNetwork<S>::Tape>
InvertibleResidualNetwork<S>::make_tape(Index capacity) const {
  map_checks::check_capacity("InvertibleResidualNetwork::make_tape", capacity);
  return std::make_unique<BlockTape>(*this, capacity);
}

template <class S>
void InvertibleResidualNetwork<S>::normalize(ConstVectorRefX<S> theta, BlockTape& tape) const {
  const Index n = block_.num_parameters();
  for (Index k = 0; k < spec_.blocks; ++k) {
    tape.weights.col(k) = theta.segment(k * n, n);
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      const MlpLayout::Layer& layer = layers_[l];
      Eigen::Map<MatrixX<S>> w(tape.weights.col(k).data() + layer.weight_offset, layer.rows,
                               layer.cols);
      const S norm = tape.norms[l].bound(w);
      if (!(norm <= S(layer_norm_))) w *= S(layer_norm_) / norm;
    }
  }
}

template <class S>
void InvertibleResidualNetwork<S>::forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x,
                                           MatrixRefX<S> y, Tape& tape) const {
  const char* where = "InvertibleResidualNetwork::forward";
  auto& mine = map_checks::tape_of<BlockTape>(where, tape);
  map_checks::check_theta(where, theta.size(), num_parameters());
  map_checks::check_forward(where, x, y, this->inputs(), this->outputs(), mine.max_samples);
  const Index batch = x.cols();
  normalize(theta, mine);
  mine.batch = batch;
  mine.states.leftCols(batch) = x;
  auto increment = mine.increment.leftCols(batch);
  for (Index k = 0; k < spec_.blocks; ++k) {
    const auto state = mine.states.middleCols(k * batch, batch);
    block_.forward(mine.weights.col(k), state, increment,
                   *mine.networks[static_cast<std::size_t>(k)]);
    mine.states.middleCols((k + 1) * batch, batch) = state + increment;
  }
  read_out_.forward(theta.tail(read_out_.num_parameters()),
                    mine.states.middleCols(spec_.blocks * batch, batch), y);
}

template <class S>
void InvertibleResidualNetwork<S>::vjp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> y_bar,
                                       MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
                                       Tape& tape) const {
  const char* where = "InvertibleResidualNetwork::vjp";
  auto& mine = map_checks::tape_of<BlockTape>(where, tape);
  map_checks::check_theta(where, theta.size(), num_parameters());
  map_checks::check_vjp(where, y_bar, x_bar, theta_bar, this->inputs(), this->outputs(),
                        num_parameters(), mine.batch);
  const Index batch = mine.batch, n = block_.num_parameters();
  const bool wants_theta = theta_bar.size() != 0;
  auto bar = mine.bar.leftCols(batch);
  read_out_.vjp(theta.tail(read_out_.num_parameters()),
                mine.states.middleCols(spec_.blocks * batch, batch), y_bar, bar,
                theta_bar.tail(wants_theta ? read_out_.num_parameters() : 0));
  auto increment_bar = mine.increment.leftCols(batch);
  for (Index k = spec_.blocks - 1; k >= 0; --k) {
    mine.weights_bar.setZero();
    block_.pullback(mine.weights.col(k), bar, increment_bar,
                    mine.weights_bar.head(wants_theta ? n : 0),
                    *mine.networks[static_cast<std::size_t>(k)]);
    bar += increment_bar;
    if (!wants_theta) continue;
    // From W̃ = W κ/ν(W) to W: W̄ = (κ/ν) (W̃̄ − ⟨W̃̄, W⟩/ν ∇ν).
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      const MlpLayout::Layer& layer = layers_[l];
      Eigen::Map<const MatrixX<S>> w(theta.data() + k * n + layer.weight_offset, layer.rows,
                                     layer.cols);
      Eigen::Map<MatrixX<S>> w_bar(mine.weights_bar.data() + layer.weight_offset, layer.rows,
                                   layer.cols);
      const S norm = mine.norms[l].bound(w);
      if (norm <= S(layer_norm_)) continue;
      const S along = w_bar.cwiseProduct(w).sum() / norm;
      w_bar -= along * mine.norms[l].gradient(w);
      w_bar *= S(layer_norm_) / norm;
    }
    theta_bar.segment(k * n, n) += mine.weights_bar;
  }
  if (x_bar.size() != 0) x_bar = bar;
}

template <class S>
void InvertibleResidualNetwork<S>::states(MatrixRefX<S> states, Tape& tape) const {
  auto& mine = map_checks::tape_of<BlockTape>("InvertibleResidualNetwork::states", tape);
  map_checks::check_states("InvertibleResidualNetwork::states", states, spec_.inputs,
                           num_states(), mine.batch);
  states = mine.states.leftCols(mine.batch * num_states());
}

template <class S>
double InvertibleResidualNetwork<S>::lipschitz_bound(ConstVectorRefX<S> theta, Index k,
                                                     Tape& tape) const {
  const char* where = "InvertibleResidualNetwork::lipschitz_bound";
  auto& mine = map_checks::tape_of<BlockTape>(where, tape);
  map_checks::check_theta(where, theta.size(), num_parameters());
  if (k < 0 || k >= spec_.blocks)
    fail_value(where, "k", static_cast<double>(k), "an index of a block");
  double bound =
      std::pow(lipschitz_constant(spec_.activation), static_cast<double>(spec_.hidden.size()));
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const MlpLayout::Layer& layer = layers_[l];
    Eigen::Map<const MatrixX<S>> w(
        theta.data() + k * block_.num_parameters() + layer.weight_offset, layer.rows,
        layer.cols);
    const auto norm = static_cast<double>(mine.norms[l].bound(w));
    bound *= norm <= layer_norm_ ? norm : layer_norm_;
  }
  return bound;
}

template <class S>
InverseReport InvertibleResidualNetwork<S>::inverse(ConstVectorRefX<S> theta,
                                                    ConstMatrixRefX<S> y, MatrixRefX<S> x,
                                                    Tape& tape,
                                                    const InverseOptions& options) const {
  if (!is_invertible()) return LearnedMap<S>::inverse(theta, y, x, tape, options);
  const char* where = "InvertibleResidualNetwork::inverse";
  auto& mine = map_checks::tape_of<BlockTape>(where, tape);
  map_checks::check_theta(where, theta.size(), num_parameters());
  map_checks::check_forward(where, y, x, this->outputs(), this->inputs(), mine.max_samples);
  if (!(options.tolerance > 0)) fail_value(where, "tolerance", options.tolerance, "positive");
  if (options.max_iterations < 1)
    fail_value(where, "max_iterations", static_cast<double>(options.max_iterations),
               "at least 1");
  mine.batch = 0;
  normalize(theta, mine);
  auto target = mine.bar.leftCols(y.cols());
  auto increment = mine.increment.leftCols(y.cols());
  InverseReport report;
  report.error_bound = 0;
  x = y;
  // What each block may add so that the sum of the magnified errors stays below the tolerance.
  double share = options.tolerance / static_cast<double>(spec_.blocks);
  for (Index k = 1; k < spec_.blocks; ++k) share *= 1 - spec_.contraction;
  for (Index k = spec_.blocks - 1; k >= 0; --k) {
    const double c = lipschitz_bound(theta, k, tape);
    target = x;
    double change = std::numeric_limits<double>::infinity(), before = change;
    Index iterations = 0;
    bool stalled = false;
    while (iterations < options.max_iterations) {
      block_.forward(mine.weights.col(k), x, increment,
                     *mine.networks[static_cast<std::size_t>(k)]);
      increment = target - increment;
      before = change;
      change = static_cast<double>((increment - x).colwise().norm().maxCoeff());
      x = increment;
      ++iterations;
      if (!std::isfinite(change)) break;
      if (c * change <= (1 - c) * share) break;
      // At the rounding of x the changes stop shrinking: further rounds gain nothing.
      const auto size = static_cast<double>(x.cwiseAbs().maxCoeff());
      stalled = change >= before &&
                change <= 16 * static_cast<double>(std::numeric_limits<S>::epsilon()) * size;
      if (stalled) break;
    }
    report.iterations += iterations;
    if (!std::isfinite(change) || !x.allFinite()) {
      report.status = InverseStatus::kNonFinite;
      report.error_bound = std::numeric_limits<double>::quiet_NaN();
      report.message = "The inverse of block " + std::to_string(k + 1) +
                       " met a number that is not finite; are θ and y finite?";
      return report;
    }
    report.error_bound = (report.error_bound + c * change) / (1 - c);
  }
  if (report.error_bound > options.tolerance) {
    report.status = InverseStatus::kIterationLimit;
    report.message = "The inverse is known only to within " + to_text(report.error_bound) +
                     " after " + std::to_string(report.iterations) + " rounds, not to " +
                     to_text(options.tolerance) +
                     "; allow more rounds, a larger tolerance, or double precision.";
  }
  return report;
}

template <class S>
void InvertibleResidualNetwork<S>::log_determinant(VectorRefX<S> log_det, Tape& tape) const {
  const char* where = "InvertibleResidualNetwork::log_determinant";
  if (!is_invertible())
    throw std::logic_error(
        "InvertibleResidualNetwork::log_determinant: there is a read-out, "
        "so the map has no inverse");
  auto& mine = map_checks::tape_of<BlockTape>(where, tape);
  const Index batch = mine.batch, d = spec_.inputs;
  if (batch == 0) fail(where, "the tape holds no forward pass; call forward first");
  if (log_det.size() != batch) fail_size(where, "log_det", log_det.size(), batch, "samples");
  log_det.setZero();
  auto direction = mine.bar.leftCols(batch);
  auto tangent = mine.increment.leftCols(batch);
  for (Index k = 0; k < spec_.blocks; ++k) {
    for (Index i = 0; i < d; ++i) {
      direction.setZero();
      direction.row(i).setOnes();
      block_.pushforward(mine.weights.col(k), direction, tangent,
                         *mine.networks[static_cast<std::size_t>(k)]);
      tangent.row(i).array() += S(1);
      for (Index b = 0; b < batch; ++b) mine.jacobian.col(b * d + i) = tangent.col(b);
    }
    for (Index b = 0; b < batch; ++b)
      log_det[b] += log_abs_determinant<S>(mine.jacobian.middleCols(b * d, d));
  }
}

template class InvertibleResidualNetwork<float>;
template class InvertibleResidualNetwork<double>;

}  // namespace least_action
