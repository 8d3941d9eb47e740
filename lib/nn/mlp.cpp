#include "nn/mlp.h"

#include <cmath>

#include "base/contract.h"
#include "nn/activation_kernels.h"
#include "nn/contract_checks.h"
#include "nn/packed_network.h"

namespace least_action {

Index MlpLayout::num_features() const {
  Index count = inputs;
  for (const InputFeature& feature : features) count += feature.periodic ? 1 : 0;
  return count;
}

Index MlpLayout::num_parameters() const {
  Index total = 0;
  for (const Layer& l : layers()) total += (l.cols + 1) * l.rows;
  return total;
}

std::vector<MlpLayout::Layer> MlpLayout::layers() const {
  std::vector<Layer> list;
  Index offset = 0;
  Index cols = num_features();
  const auto append = [&](Index rows) {
    list.push_back({rows, cols, offset, offset + rows * cols});
    offset += (cols + 1) * rows;
    cols = rows;
  };
  for (const Index width : hidden) append(width);
  append(outputs);
  return list;
}

void MlpLayout::check() const {
  constexpr Index kMost = Index{1} << 27;
  const auto check_width = [](const char* what, Index width) {
    if (width <= 0 || width > kMost)
      fail_value("MlpLayout::check", what, static_cast<double>(width), "positive and sensible");
  };
  check_width("inputs", inputs);
  check_width("outputs", outputs);
  for (const Index width : hidden) check_width("a hidden width", width);
  if (!features.empty() && static_cast<Index>(features.size()) != inputs)
    fail_size("MlpLayout::check", "features", static_cast<Index>(features.size()), inputs,
              "one per input, or none");
  for (const InputFeature& feature : features) {
    if (!feature.periodic && (feature.scale == 0 || !std::isfinite(feature.scale)))
      fail_value("MlpLayout::check", "a feature's scale", feature.scale, "finite and not 0");
  }
  // In double: the product of two absurd widths would overflow an Index in WebAssembly.
  double total = 0;
  double cols = static_cast<double>(num_features());
  for (const Index width : hidden) {
    total += (cols + 1) * static_cast<double>(width);
    cols = static_cast<double>(width);
  }
  total += (cols + 1) * static_cast<double>(outputs);
  if (total > static_cast<double>(kMost))
    fail_value("MlpLayout::check", "the number of parameters", total, "at most 2^27");
}

/// For each panel of the batch: φ, φ' and every layer's (a, p), kept; and per-panel scratch.
template <class S>
struct MlpTape<S>::State {
  State(const MlpLayout& layout, Index most)
      : capacity(most), network(layout), features(layout) {
    phi = kept_rows.add(features.rows());
    first = kept_rows.add(features.rows());
    Index widest = std::max({features.rows(), layout.inputs, layout.outputs});
    for (const Index width : layout.hidden) {
      a.push_back(kept_rows.add(width));
      p.push_back(kept_rows.add(width));
      widest = std::max(widest, width);
    }
    kept = AlignedBuffer<S>(kept_size<S>(kept_rows.rows(), capacity));
    // Two running arrays, one for the transposed adjoint (its rows rounded up).
    scratch_stride = simd::round_up<S>(widest) * kPanel;
    scratch = AlignedBuffer<S>(3 * scratch_stride);
  }

  S* kept_at(const Panel& panel, Index row) {
    return kept.data() + panel.first * kept_rows.rows() + row * panel.width;
  }
  S* scratch_at(Index which) { return scratch.data() + which * scratch_stride; }
  const S* activation_at(const Panel& panel, Index layer) {
    return kept_at(panel, layer == 0 ? phi : a[static_cast<std::size_t>(layer - 1)]);
  }

  Index capacity, batch = 0;
  PackedNetwork<S> network;
  FeatureMap features;
  RowLayout kept_rows;
  Index phi, first;
  std::vector<Index> a, p;
  Index scratch_stride;

  AlignedBuffer<S> kept, scratch;
};

template <class S>
MlpTape<S>::MlpTape(std::unique_ptr<State> state) : state_(std::move(state)) {}
template <class S>
MlpTape<S>::~MlpTape() = default;
template <class S>
Index MlpTape<S>::capacity() const {
  return state_->capacity;
}
template <class S>
std::size_t MlpTape<S>::bytes() const {
  return sizeof(State) + state_->network.bytes() +
         sizeof(S) * static_cast<std::size_t>(state_->kept.size() + state_->scratch.size());
}

template <class S>
Mlp<S>::Mlp(MlpLayout layout) : layout_(std::move(layout)) {
  layout_.check();
  num_parameters_ = layout_.num_parameters();
}

template <class S>
std::unique_ptr<MlpTape<S>> Mlp<S>::make_tape(Index capacity) const {
  if (capacity <= 0)
    fail_value("Mlp::make_tape", "capacity", static_cast<double>(capacity), "positive");
  using State = typename MlpTape<S>::State;
  return std::unique_ptr<MlpTape<S>>(
      new MlpTape<S>(std::make_unique<State>(layout_, capacity)));
}

template <class S>
void Mlp<S>::forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, MatrixRefX<S> y,
                     MlpTape<S>& mlp_tape) const {
  typename MlpTape<S>::State& tape = *mlp_tape.state_;
  check_theta("Mlp::forward", theta.size(), num_parameters_);
  const Index batch = x.cols();
  check_batch("Mlp::forward", batch, tape.capacity);
  check_shape("Mlp::forward", "x", x, inputs(), batch);
  check_shape("Mlp::forward", "y", y, outputs(), batch);
  tape.network.update(theta);
  tape.batch = batch;
  const Index hidden = static_cast<Index>(layout_.hidden.size());
  for (Index i = 0; i < num_panels(batch); ++i) {
    const Panel panel = panel_at<S>(batch, i);
    const Index width = panel.width;
    load_columns<S>(x, panel, Padding::kRepeat, tape.scratch_at(0));
    tape.features.evaluate(tape.scratch_at(0), width, tape.kept_at(panel, tape.phi),
                           tape.kept_at(panel, tape.first));
    for (Index k = 0; k < hidden; ++k) {
      S* a = tape.kept_at(panel, tape.a[static_cast<std::size_t>(k)]);
      S* p = tape.kept_at(panel, tape.p[static_cast<std::size_t>(k)]);
      product(tape.network.w(k), tape.activation_at(panel, k), width, tape.network.bias(k), a,
              [&](Index row, Index count) {
                kernels::activate(layout_.activation, count * width, a + row * width,
                                  p + row * width);
              });
    }
    product(tape.network.w(hidden), tape.activation_at(panel, hidden), width,
            tape.network.bias(hidden), tape.scratch_at(0), [](Index, Index) {});
    store_columns<S>(tape.scratch_at(0), outputs(), panel, 0, y);
  }
}

template <class S>
void Mlp<S>::pullback(ConstVectorRefX<S> theta, ConstMatrixRefX<S> y_bar, MatrixRefX<S> x_bar,
                      VectorRefX<S> theta_bar, MlpTape<S>& mlp_tape) const {
  typename MlpTape<S>::State& tape = *mlp_tape.state_;
  check_theta("Mlp::pullback", theta.size(), num_parameters_);
  if (tape.batch == 0) fail("Mlp::pullback", "the tape is empty, expected a forward before");
  check_shape("Mlp::pullback", "y_bar", y_bar, outputs(), tape.batch);
  const bool wants_x = x_bar.size() != 0, wants_theta = theta_bar.size() != 0;
  if (wants_x) check_shape("Mlp::pullback", "x_bar", x_bar, inputs(), tape.batch);
  check_theta_bar("Mlp::pullback", theta_bar.size(), num_parameters_);
  tape.network.update_transposed(theta);
  const Index hidden = static_cast<Index>(layout_.hidden.size());
  for (Index i = 0; i < num_panels(tape.batch); ++i) {
    const Panel panel = panel_at<S>(tape.batch, i);
    const Index width = panel.width;
    S* z_bar = tape.scratch_at(0);
    S* next = tape.scratch_at(1);
    load_columns<S>(y_bar, panel, Padding::kZero, z_bar);
    for (Index k = hidden; k >= 0; --k) {
      const MlpLayout::Layer& layer = tape.network.layer(k);
      const S* below = tape.activation_at(panel, k);
      if (wants_theta) {
        S* w_bar = theta_bar.data() + layer.weight_offset;
        S* b_bar = theta_bar.data() + layer.bias_offset;
        transpose_rows(z_bar, layer.rows, width, tape.scratch_at(2));
        const OuterTerm<S> term{tape.scratch_at(2), below};
        add_outer(&term, 1, width, layer.rows, layer.cols, S(1), w_bar, b_bar);
      }
      if (k == 0 && !wants_x) break;
      product(tape.network.wt(k), z_bar, width, static_cast<const S*>(nullptr), next,
              [&](Index row, Index count) {
                if (k == 0) return;
                const S* a = below + row * width;
                const S* p =
                    tape.kept_at(panel, tape.p[static_cast<std::size_t>(k - 1)]) + row * width;
                S* bar = next + row * width;
                kernels::times_first(layout_.activation, count * width, a, p, bar, bar);
              });
      std::swap(z_bar, next);
    }
    if (!wants_x) continue;
    const S* none = nullptr;
    tape.features.adjoint(tape.kept_at(panel, tape.phi), tape.kept_at(panel, tape.first), z_bar,
                          none, none, width, next);
    store_columns<S>(next, inputs(), panel, 0, x_bar);
  }
}

template <class S>
void Mlp<S>::pushforward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x_tangent,
                         MatrixRefX<S> y_tangent, MlpTape<S>& mlp_tape) const {
  typename MlpTape<S>::State& tape = *mlp_tape.state_;
  check_theta("Mlp::pushforward", theta.size(), num_parameters_);
  if (tape.batch == 0) fail("Mlp::pushforward", "the tape is empty, expected a forward before");
  check_shape("Mlp::pushforward", "x_tangent", x_tangent, inputs(), tape.batch);
  check_shape("Mlp::pushforward", "y_tangent", y_tangent, outputs(), tape.batch);
  tape.network.update(theta);
  const Index hidden = static_cast<Index>(layout_.hidden.size());
  for (Index i = 0; i < num_panels(tape.batch); ++i) {
    const Panel panel = panel_at<S>(tape.batch, i);
    const Index width = panel.width;
    S* tangent = tape.scratch_at(0);
    S* next = tape.scratch_at(1);
    load_columns<S>(x_tangent, panel, Padding::kZero, next);
    tape.features.tangent(tape.kept_at(panel, tape.first), next, width, tangent);
    for (Index k = 0; k <= hidden; ++k) {
      product(tape.network.w(k), tangent, width, static_cast<const S*>(nullptr), next,
              [&](Index row, Index count) {
                if (k == hidden) return;
                const auto index = static_cast<std::size_t>(k);
                S* to = next + row * width;
                kernels::times_first(layout_.activation, count * width,
                                     tape.kept_at(panel, tape.a[index]) + row * width,
                                     tape.kept_at(panel, tape.p[index]) + row * width, to, to);
              });
      std::swap(tangent, next);
    }
    store_columns<S>(tangent, outputs(), panel, 0, y_tangent);
  }
}

template class MlpTape<float>;
template class MlpTape<double>;
template class Mlp<float>;
template class Mlp<double>;

}  // namespace least_action
