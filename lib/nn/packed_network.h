#pragma once

#include <vector>

#include "nn/mlp.h"
#include "nn/panel_product.h"

/// What the passes of both network classes share. Private to lib/nn.
namespace least_action {

/// The weights of every layer, packed for W a and Wᵀ z̄, and repacked only when θ differs.
template <class S>
class PackedNetwork final {
 public:
  explicit PackedNetwork(const MlpLayout& layout);

  /// Makes `w` and the biases those of θ.
  void update(ConstVectorRefX<S> theta);
  /// Makes `wt` that of θ too.
  void update_transposed(ConstVectorRefX<S> theta);

  Index num_parameters() const { return theta_.size(); }
  Index num_layers() const { return static_cast<Index>(layers_.size()); }
  /// Layer k = 0 … m (the last is the affine output layer).
  const MlpLayout::Layer& layer(Index k) const { return layers_[static_cast<std::size_t>(k)]; }
  const PackedMatrix<S>& w(Index k) const { return w_[static_cast<std::size_t>(k)]; }
  const PackedMatrix<S>& wt(Index k) const { return wt_[static_cast<std::size_t>(k)]; }
  /// Memory held: θ, and packed both ways.
  std::size_t bytes() const {
    const Index count = theta_.size() + packed_.size() + packed_transposed_.size();
    return sizeof(S) * static_cast<std::size_t>(count);
  }
  const S* bias(Index k) const { return theta_.data() + layer(k).bias_offset; }
  const S* weights(Index k) const { return theta_.data() + layer(k).weight_offset; }

 private:
  std::vector<MlpLayout::Layer> layers_;
  AlignedBuffer<S> theta_;
  AlignedBuffer<S> packed_, packed_transposed_;
  std::vector<PackedMatrix<S>> w_, wt_;
  bool packed_once_ = false, transposed_current_ = false;
};

/// The input features φ as an elementwise layer 0: features r of input i(r) with
/// φ = (sin xᵢ, cos xᵢ) or scale xᵢ; φ' is kept, φ'' = −φ and φ''' = −φ' where periodic, else
/// 0.
class FeatureMap final {
 public:
  explicit FeatureMap(const MlpLayout& layout);

  Index inputs() const { return static_cast<Index>(features_.size()); }
  Index rows() const { return rows_; }

  /// x: inputs × width. Writes φ and φ' (rows × width).
  template <class S>
  void evaluate(const S* x, Index width, S* phi, S* first) const;
  /// out = φ' ẋ.
  template <class S>
  void tangent(const S* first, const S* x_tangent, Index width, S* out) const;
  /// x̄ = Σ φ' ā (inputs × width), and the same with + φ'' ẋ ē where `e` is not null.
  template <class S>
  void adjoint(const S* phi, const S* first, const S* a_bar, const S* x_tangent, const S* e,
               Index width, S* x_bar) const;
  /// a^e = φ' x^e + φ'' b c.
  template <class S>
  void mixed_tangent(const S* phi, const S* first, const S* b, const S* c, const S* x_e,
                     Index width, S* out) const;
  /// x̄ = Σ φ' ā + φ''(b ā^b + c ā^c + x^e ē) + φ''' b c ē.
  template <class S>
  void mixed_adjoint(const S* phi, const S* first, const S* b, const S* c, const S* x_e,
                     const S* a_bar, const S* a_bar_b, const S* a_bar_c, const S* e,
                     Index width, S* x_bar) const;

 private:
  std::vector<InputFeature> features_;
  Index rows_;
};

}  // namespace least_action
