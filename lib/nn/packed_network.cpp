#include "nn/packed_network.h"

#include <cstring>

#include "nn/activation_kernels.h"

namespace least_action {

template <class S>
PackedNetwork<S>::PackedNetwork(const MlpLayout& layout)
    : layers_(layout.layers()),
      theta_(layout.num_parameters()),
      packed_(layout.num_parameters()),
      packed_transposed_(layout.num_parameters()) {
  for (const MlpLayout::Layer& l : layers_) {
    w_.push_back({l.rows, l.cols, packed_.data() + l.weight_offset});
    wt_.push_back({l.cols, l.rows, packed_transposed_.data() + l.weight_offset});
  }
}

template <class S>
void PackedNetwork<S>::update(ConstVectorRefX<S> theta) {
  // Roll-outs call with the same θ thousands of times: comparing is far cheaper than packing.
  const auto bytes = static_cast<std::size_t>(theta.size()) * sizeof(S);
  if (packed_once_ && std::memcmp(theta_.data(), theta.data(), bytes) == 0) return;
  std::memcpy(theta_.data(), theta.data(), bytes);
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const MlpLayout::Layer& l = layers_[k];
    pack(theta_.data() + l.weight_offset, l.rows, l.cols, w_[k]);
  }
  packed_once_ = true;
  transposed_current_ = false;
}

template <class S>
void PackedNetwork<S>::update_transposed(ConstVectorRefX<S> theta) {
  update(theta);
  if (transposed_current_) return;
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const MlpLayout::Layer& l = layers_[k];
    pack_transposed(theta_.data() + l.weight_offset, l.rows, l.cols, wt_[k]);
  }
  transposed_current_ = true;
}

FeatureMap::FeatureMap(const MlpLayout& layout)
    : features_(layout.features), rows_(layout.num_features()) {
  if (features_.empty()) features_.resize(static_cast<std::size_t>(layout.inputs));
}

template <class S>
void FeatureMap::evaluate(const S* x, Index width, S* phi, S* first) const {
  for (const InputFeature& feature : features_) {
    if (feature.periodic) {
      kernels::sine_cosine(width, x, phi, phi + width);
      for (Index b = 0; b < width; ++b) first[b] = phi[width + b];
      for (Index b = 0; b < width; ++b) first[width + b] = -phi[b];
      phi += width;
      first += width;
    } else {
      const S scale = static_cast<S>(feature.scale);
      for (Index b = 0; b < width; ++b) phi[b] = scale * x[b];
      for (Index b = 0; b < width; ++b) first[b] = scale;
    }
    x += width;
    phi += width;
    first += width;
  }
}

template <class S>
void FeatureMap::tangent(const S* first, const S* x_tangent, Index width, S* out) const {
  for (const InputFeature& feature : features_) {
    for (int copy = 0; copy < (feature.periodic ? 2 : 1); ++copy) {
      for (Index b = 0; b < width; ++b) out[b] = first[b] * x_tangent[b];
      first += width;
      out += width;
    }
    x_tangent += width;
  }
}

template <class S>
void FeatureMap::adjoint(const S* phi, const S* first, const S* a_bar, const S* x_tangent,
                         const S* e, Index width, S* x_bar) const {
  for (const InputFeature& feature : features_) {
    for (Index b = 0; b < width; ++b) x_bar[b] = first[b] * a_bar[b];
    if (feature.periodic) {
      for (Index b = width; b < 2 * width; ++b) x_bar[b - width] += first[b] * a_bar[b];
      if (e != nullptr) {
        for (Index b = 0; b < width; ++b) {
          x_bar[b] -= (phi[b] * e[b] + phi[width + b] * e[width + b]) * x_tangent[b];
        }
      }
    }
    const Index step = feature.periodic ? 2 * width : width;
    phi += step;
    first += step;
    a_bar += step;
    if (e != nullptr) {
      e += step;
      x_tangent += width;
    }
    x_bar += width;
  }
}

template <class S>
void FeatureMap::mixed_tangent(const S* phi, const S* first, const S* b, const S* c,
                               const S* x_e, Index width, S* out) const {
  for (const InputFeature& feature : features_) {
    for (int copy = 0; copy < (feature.periodic ? 2 : 1); ++copy) {
      for (Index i = 0; i < width; ++i) out[i] = first[i] * x_e[i];
      if (feature.periodic) {
        for (Index i = 0; i < width; ++i) out[i] -= phi[i] * b[i] * c[i];
      }
      phi += width;
      first += width;
      out += width;
    }
    b += width;
    c += width;
    x_e += width;
  }
}

template <class S>
void FeatureMap::mixed_adjoint(const S* phi, const S* first, const S* b, const S* c,
                               const S* x_e, const S* a_bar, const S* a_bar_b, const S* a_bar_c,
                               const S* e, Index width, S* x_bar) const {
  for (const InputFeature& feature : features_) {
    for (Index i = 0; i < width; ++i) x_bar[i] = 0;
    for (int copy = 0; copy < (feature.periodic ? 2 : 1); ++copy) {
      for (Index i = 0; i < width; ++i) x_bar[i] += first[i] * a_bar[i];
      if (feature.periodic) {
        for (Index i = 0; i < width; ++i) {
          x_bar[i] -= phi[i] * (b[i] * a_bar_b[i] + c[i] * a_bar_c[i] + x_e[i] * e[i]) +
                      first[i] * b[i] * c[i] * e[i];
        }
      }
      phi += width;
      first += width;
      a_bar += width;
      a_bar_b += width;
      a_bar_c += width;
      e += width;
    }
    b += width;
    c += width;
    x_e += width;
    x_bar += width;
  }
}

#define LEAST_ACTION_INSTANTIATE(S)                                                            \
  template class PackedNetwork<S>;                                                             \
  template void FeatureMap::evaluate<S>(const S*, Index, S*, S*) const;                        \
  template void FeatureMap::tangent<S>(const S*, const S*, Index, S*) const;                   \
  template void FeatureMap::adjoint<S>(const S*, const S*, const S*, const S*, const S*,       \
                                       Index, S*) const;                                       \
  template void FeatureMap::mixed_tangent<S>(const S*, const S*, const S*, const S*, const S*, \
                                             Index, S*) const;                                 \
  template void FeatureMap::mixed_adjoint<S>(const S*, const S*, const S*, const S*, const S*, \
                                             const S*, const S*, const S*, const S*, Index,    \
                                             S*) const;
LEAST_ACTION_INSTANTIATE(float)
LEAST_ACTION_INSTANTIATE(double)
#undef LEAST_ACTION_INSTANTIATE

}  // namespace least_action
