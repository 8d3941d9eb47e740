#include "nn/mlp_tangents.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/contract.h"
#include "nn/activation_kernels.h"
#include "nn/contract_checks.h"
#include "nn/packed_network.h"

namespace least_action {
namespace {

using simd::kLanes;
using simd::load;
using simd::store;

/// out = x y, or out += x y.
template <class S>
void products(Index n, const S* x, const S* y, bool add, S* out) {
  for (Index i = 0; i < n; i += kLanes<S>) {
    const simd::Vec<S> term = load(x + i) * load(y + i);
    store<S>(out + i, add ? load(out + i) + term : term);
  }
}

}  // namespace

/// Kept for each panel: the features, every layer's (a, p), and for each tangent its direction
/// v, every żʲ and ȧʲ (level 0: the features' tangent).
template <class S>
struct MlpTangentsTape<S>::State {
  State(const MlpLayout& layout, Index k, Index most)
      : capacity(most),
        tangents(k),
        hidden(static_cast<Index>(layout.hidden.size())),
        activation(layout.activation),
        network(layout),
        features(layout) {
    widths.push_back(layout.num_features());
    widths.insert(widths.end(), layout.hidden.begin(), layout.hidden.end());
    for (const Index width : widths) {
      a.push_back(kept_rows.add(width));
      p.push_back(kept_rows.add(width));
      for (Index j = 0; j < k; ++j) {
        a_dot.push_back(kept_rows.add(width));
        z_dot.push_back(kept_rows.add(width));
      }
    }
    directions = kept_rows.add(k * layout.inputs);
    const Index widest = std::max(
        {layout.inputs, layout.outputs, *std::max_element(widths.begin(), widths.end())});
    stride = simd::round_up<S>(widest) * kPanel;
    kept = AlignedBuffer<S>(kept_size<S>(kept_rows.rows(), capacity));
    scratch = AlignedBuffer<S>((3 * (k + 1) + 2) * stride + k * layout.outputs * kPanel);
  }

  S* kept_at(const Panel& panel, Index row) {
    return kept.data() + panel.first * kept_rows.rows() + row * panel.width;
  }
  S* a_at(const Panel& panel, Index level) {
    return kept_at(panel, a[static_cast<std::size_t>(level)]);
  }
  S* p_at(const Panel& panel, Index level) {
    return kept_at(panel, p[static_cast<std::size_t>(level)]);
  }
  S* a_dot_at(const Panel& panel, Index level, Index j) {
    return kept_at(panel, a_dot[static_cast<std::size_t>(level * tangents + j)]);
  }
  S* z_dot_at(const Panel& panel, Index level, Index j) {
    return kept_at(panel, z_dot[static_cast<std::size_t>(level * tangents + j)]);
  }
  /// Scratch of any panel. Channel 0 is the value, 1 + j a tangent.
  S* now(Index channel) { return scratch.data() + channel * stride; }
  S* next(Index channel) { return now(tangents + 1 + channel); }
  S* transposed(Index channel) { return now(2 * (tangents + 1) + channel); }
  S* sums() { return now(3 * (tangents + 1)); }
  S* spare() { return now(3 * (tangents + 1) + 1); }
  S* cotangents() { return now(3 * (tangents + 1) + 2); }
  Index width(Index level) const { return widths[static_cast<std::size_t>(level)]; }

  void forward(const Panel& panel, ConstMatrixRefX<S> x, ConstMatrixRefX<S> v, MatrixRefX<S>& y,
               MatrixRefX<S>& y_dot);
  void pullback(const Panel& panel, ConstMatrixRefX<S> y_bar, ConstMatrixRefX<S> y_dot_bar,
                MatrixRefX<S>& x_bar, MatrixRefX<S>& v_bar, S* theta_bar);
  void add_layer_gradient(const Panel& panel, Index level, S* theta_bar);
  /// now ← the adjoints of layer `level`'s pre-activations from `next`, those of its outputs.
  void through_activation(const Panel& panel, Index level);
  void store_input_adjoints(const Panel& panel, MatrixRefX<S>& x_bar, MatrixRefX<S>& v_bar);

  Index capacity, tangents, hidden, batch = 0;
  Activation activation;
  PackedNetwork<S> network;
  FeatureMap features;
  std::vector<Index> widths;  // By level; 0: the features.
  RowLayout kept_rows;
  std::vector<Index> a, p, a_dot, z_dot;
  Index directions = 0, stride = 0;
  AlignedBuffer<S> kept, scratch;
  // At most one term a channel: sized with the tape, so that no call allocates.
  std::vector<OuterTerm<S>> terms =
      std::vector<OuterTerm<S>>(static_cast<std::size_t>(tangents + 1));
};

template <class S>
void MlpTangentsTape<S>::State::forward(const Panel& panel, ConstMatrixRefX<S> x,
                                        ConstMatrixRefX<S> v, MatrixRefX<S>& y,
                                        MatrixRefX<S>& y_dot) {
  const Index w = panel.width;
  const S* none = nullptr;
  load_columns<S>(x, panel, Padding::kRepeat, now(0));
  features.evaluate(now(0), w, a_at(panel, 0), p_at(panel, 0));
  if (tangents > 0) load_columns<S>(v, panel, Padding::kZero, kept_at(panel, directions));
  for (Index j = 0; j < tangents; ++j) {
    features.tangent(p_at(panel, 0), kept_at(panel, directions + j * x.rows()), w,
                     a_dot_at(panel, 0, j));
  }
  for (Index k = 1; k <= hidden; ++k) {
    S *a_k = a_at(panel, k), *p_k = p_at(panel, k);
    product(network.w(k - 1), a_at(panel, k - 1), w, network.bias(k - 1), a_k,
            [&](Index row, Index count) {
              kernels::activate(activation, count * w, a_k + row * w, p_k + row * w);
            });
    for (Index j = 0; j < tangents; ++j) {
      S *z = z_dot_at(panel, k, j), *out = a_dot_at(panel, k, j);
      product(network.w(k - 1), a_dot_at(panel, k - 1, j), w, none, z,
              [&](Index row, Index count) {
                const Index at = row * w;
                kernels::times_first<S>(activation, count * w, a_k + at, p_k + at, z + at,
                                        out + at);
              });
    }
  }
  product(network.w(hidden), a_at(panel, hidden), w, network.bias(hidden), now(0),
          [](Index, Index) {});
  store_columns<S>(now(0), y.rows(), panel, 0, y);
  for (Index j = 0; j < tangents; ++j) {
    product(network.w(hidden), a_dot_at(panel, hidden, j), w, none, now(0),
            [](Index, Index) {});
    store_columns<S>(now(0), y.rows(), panel, j * y.rows(), y_dot);
  }
}

template <class S>
void MlpTangentsTape<S>::State::add_layer_gradient(const Panel& panel, Index level,
                                                   S* theta_bar) {
  const MlpLayout::Layer& layer = network.layer(level);
  for (Index c = 0; c <= tangents; ++c) {
    transpose_rows<S>(now(c), layer.rows, panel.width, transposed(c));
    terms[static_cast<std::size_t>(c)] = {
        transposed(c), c == 0 ? a_at(panel, level) : a_dot_at(panel, level, c - 1)};
  }
  add_outer<S>(terms.data(), tangents + 1, panel.width, layer.rows, layer.cols, S(1),
               theta_bar + layer.weight_offset, theta_bar + layer.bias_offset);
}

template <class S>
void MlpTangentsTape<S>::State::through_activation(const Panel& panel, Index level) {
  const Index n = width(level) * panel.width;
  const S *a_k = a_at(panel, level), *p_k = p_at(panel, level);
  for (Index j = 0; j < tangents; ++j) {
    products<S>(n, z_dot_at(panel, level, j), next(1 + j), j > 0, sums());
    kernels::times_first<S>(activation, n, a_k, p_k, next(1 + j), now(1 + j));
  }
  if (tangents > 0) {
    kernels::value_adjoint<S>(activation, n, a_k, p_k, next(0), sums(), now(0));
  } else {
    kernels::times_first<S>(activation, n, a_k, p_k, next(0), now(0));
  }
}

template <class S>
void MlpTangentsTape<S>::State::store_input_adjoints(const Panel& panel, MatrixRefX<S>& x_bar,
                                                     MatrixRefX<S>& v_bar) {
  const Index w = panel.width, inputs = features.inputs();
  const S *phi = a_at(panel, 0), *first = p_at(panel, 0), *none = nullptr;
  S *sum = now(0), *part = now(tangents > 0 ? 1 : 0);
  if (x_bar.size() != 0) {
    const S* direction = kept_at(panel, directions);
    features.adjoint<S>(phi, first, next(0), tangents > 0 ? direction : none,
                        tangents > 0 ? static_cast<const S*>(next(1)) : none, w, sum);
    if (tangents > 1) std::fill_n(spare(), width(0) * w, S(0));
    for (Index j = 1; j < tangents; ++j) {  // What tangent j adds: φ'' vʲ ǡʲ.
      features.adjoint<S>(phi, first, spare(), direction + j * inputs * w, next(1 + j), w,
                          part);
      for (Index i = 0; i < inputs * w; ++i) sum[i] += part[i];
    }
    store_columns<S>(sum, inputs, panel, 0, x_bar);
  }
  if (v_bar.size() == 0) return;
  for (Index j = 0; j < tangents; ++j) {
    features.adjoint<S>(phi, first, next(1 + j), none, none, w, part);
    store_columns<S>(part, inputs, panel, j * inputs, v_bar);
  }
}

template <class S>
void MlpTangentsTape<S>::State::pullback(const Panel& panel, ConstMatrixRefX<S> y_bar,
                                         ConstMatrixRefX<S> y_dot_bar, MatrixRefX<S>& x_bar,
                                         MatrixRefX<S>& v_bar, S* theta_bar) {
  const Index w = panel.width, outputs = y_bar.rows();
  const bool wants_input = x_bar.size() != 0 || v_bar.size() != 0;
  load_columns<S>(y_bar, panel, Padding::kZero, now(0));
  if (tangents > 0) load_columns<S>(y_dot_bar, panel, Padding::kZero, cotangents());
  for (Index j = 0; j < tangents; ++j) {
    std::copy_n(cotangents() + j * outputs * w, outputs * w, now(1 + j));
  }
  for (Index k = hidden; k >= 0; --k) {
    if (theta_bar != nullptr) add_layer_gradient(panel, k, theta_bar);
    if (k == 0 && !wants_input) return;
    for (Index c = 0; c <= tangents; ++c) {
      product(network.wt(k), now(c), w, static_cast<const S*>(nullptr), next(c),
              [](Index, Index) {});
    }
    if (k > 0) through_activation(panel, k);
  }
  store_input_adjoints(panel, x_bar, v_bar);
}

template <class S>
MlpTangentsTape<S>::MlpTangentsTape(std::unique_ptr<State> state) : state_(std::move(state)) {}
template <class S>
MlpTangentsTape<S>::~MlpTangentsTape() = default;
template <class S>
Index MlpTangentsTape<S>::capacity() const {
  return state_->capacity;
}
template <class S>
std::size_t MlpTangentsTape<S>::bytes() const {
  const Index weights = 3 * state_->network.num_parameters();
  return static_cast<std::size_t>(state_->kept.size() + state_->scratch.size() + weights) *
         sizeof(S);
}

template <class S>
MlpTangents<S>::MlpTangents(MlpLayout layout, Index tangents)
    : mlp_(std::move(layout)), tangents_(tangents) {
  if (tangents < 0 || tangents > 4096)
    fail_value("MlpTangents", "tangents", static_cast<double>(tangents), "from 0 to 4096");
}

template <class S>
std::unique_ptr<MlpTangentsTape<S>> MlpTangents<S>::make_tape(Index capacity) const {
  if (capacity <= 0)
    fail_value("MlpTangents::make_tape", "capacity", static_cast<double>(capacity), "positive");
  using State = typename MlpTangentsTape<S>::State;
  return std::unique_ptr<MlpTangentsTape<S>>(
      new MlpTangentsTape<S>(std::make_unique<State>(layout(), tangents_, capacity)));
}

template <class S>
void MlpTangents<S>::forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x,
                             ConstMatrixRefX<S> v, MatrixRefX<S> y, MatrixRefX<S> y_dot,
                             MlpTangentsTape<S>& tape) const {
  constexpr const char* kWhere = "MlpTangents::forward";
  auto& state = *tape.state_;
  const Index batch = x.cols();
  check_theta(kWhere, theta.size(), num_parameters());
  check_batch(kWhere, batch, state.capacity);
  check_shape(kWhere, "x", x, inputs(), batch);
  check_shape(kWhere, "y", y, outputs(), batch);
  if (tangents_ > 0) {
    check_shape(kWhere, "v", v, tangents_ * inputs(), batch);
    check_shape(kWhere, "y_dot", y_dot, tangents_ * outputs(), batch);
  }
  state.network.update(theta);
  state.batch = batch;
  for (Index i = 0; i < num_panels(batch); ++i) {
    state.forward(panel_at<S>(batch, i), x, v, y, y_dot);
  }
}

template <class S>
void MlpTangents<S>::pullback(ConstVectorRefX<S> theta, ConstMatrixRefX<S> y_bar,
                              ConstMatrixRefX<S> y_dot_bar, MatrixRefX<S> x_bar,
                              MatrixRefX<S> v_bar, VectorRefX<S> theta_bar,
                              MlpTangentsTape<S>& tape) const {
  constexpr const char* kWhere = "MlpTangents::pullback";
  auto& state = *tape.state_;
  check_theta(kWhere, theta.size(), num_parameters());
  if (state.batch == 0) fail(kWhere, "the tape is empty, expected a forward before");
  check_shape(kWhere, "y_bar", y_bar, outputs(), state.batch);
  if (tangents_ > 0) {
    check_shape(kWhere, "y_dot_bar", y_dot_bar, tangents_ * outputs(), state.batch);
  }
  if (x_bar.size() != 0) check_shape(kWhere, "x_bar", x_bar, inputs(), state.batch);
  if (v_bar.size() != 0) check_shape(kWhere, "v_bar", v_bar, tangents_ * inputs(), state.batch);
  check_theta_bar(kWhere, theta_bar.size(), num_parameters());
  state.network.update_transposed(theta);
  S* gradient = theta_bar.size() != 0 ? theta_bar.data() : nullptr;
  for (Index i = 0; i < num_panels(state.batch); ++i) {
    state.pullback(panel_at<S>(state.batch, i), y_bar, y_dot_bar, x_bar, v_bar, gradient);
  }
}

template class MlpTangentsTape<float>;
template class MlpTangentsTape<double>;
template class MlpTangents<float>;
template class MlpTangents<double>;

}  // namespace least_action
