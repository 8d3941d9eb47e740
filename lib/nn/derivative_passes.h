#pragma once

#include <vector>

#include "nn/mlp.h"
#include "nn/packed_network.h"

/// The passes of `MlpDerivatives` on one panel, with the arrays they keep. Private to lib/nn.
///
/// Channels (see mlp_derivatives.h): the value; directions ẋ (one), b and c (mixed); and e, the
/// coefficient of t₁t₂. In hidden layer k = 1 … m, z^d is channel d's pre-activation, a^d its
/// activation, bars are adjoints. e (kept by `gradient`) is ∂f/∂a, the adjoint of every highest
/// channel, and level 0 stands for the input features.
namespace least_action {

template <class S>
class DerivativePasses final {
 public:
  DerivativePasses(const MlpLayout& layout, Index columns, Index capacity);

  Index capacity() const { return capacity_; }
  std::size_t bytes() const {
    return sizeof(*this) + network_.bytes() +
           sizeof(S) * static_cast<std::size_t>(kept_.size() + scratch_.size());
  }
  void set_theta(ConstVectorRefX<S> theta) { network_.update_transposed(theta); }

  void gradient(const Panel& panel, ConstMatrixRefX<S> x, MatrixRefX<S>& value,
                MatrixRefX<S>& grad);
  void value_pullback(const Panel& panel, ConstMatrixRefX<S> c, S* theta_bar);
  void gradient_pullback(const Panel& panel, ConstMatrixRefX<S> v, MatrixRefX<S>& hv,
                         S* theta_bar);
  void hessian_columns(const Panel& panel, Index first, MatrixRefX<S>& hessian);
  void mixed_pullback(const Panel& panel, Index first, ConstMatrixRefX<S> a,
                      ConstMatrixRefX<S> u, ConstMatrixRefX<S> c, S weight,
                      MatrixRefX<S>& x_bar, S* theta_bar);

 private:
  /// Row offsets of one array at levels 0 … m.
  using Levels = std::vector<Index>;

  Levels add_levels(RowLayout& rows) const;
  S* kept(const Panel& panel, Index row) {
    return kept_.data() + panel.first * kept_rows_.rows() + row * panel.width;
  }
  S* kept(const Panel& panel, const Levels& array, Index level) {
    return kept(panel, array[static_cast<std::size_t>(level)]);
  }
  /// Scratch is reused by every panel.
  S* scratch(const Panel& panel, Index row) { return scratch_.data() + row * panel.width; }
  S* scratch(const Panel& panel, const Levels& array, Index level) {
    return scratch(panel, array[static_cast<std::size_t>(level)]);
  }

  /// Forward along ẋ: writes ż (levels 1 … m) and ȧ (0 … m), `z` and `a` by level.
  template <class Z, class A>
  void tangent_forward(const Panel& panel, const S* x_tangent, Z&& z, A&& a);
  /// Reverse of the same in the value channel: writes ā at the levels 0 … m − 1 and calls
  /// `visit(k, z̄_k)` for k = m … 1.
  template <class Z, class Bar, class Visit>
  void tangent_reverse(const Panel& panel, Z&& z, Bar&& a_bar, Visit&& visit);
  /// Σ_j u_j columns_j (rows × width), one coefficient a sample.
  void combine(const Panel& panel, const S* u, const std::vector<Levels>& columns, Index level,
               Index rows, S* out);
  void mixed_forward(const Panel& panel, const S* u);
  void mixed_reverse(const Panel& panel, const S* u, S weight, bool wants_x, S* theta_bar);

  Index width(Index level) const { return widths_[static_cast<std::size_t>(level)]; }
  const MlpLayout::Layer& layer(Index level) const { return network_.layer(level - 1); }

  Activation activation_;
  Index inputs_, hidden_, num_columns_, capacity_;
  std::vector<Index> widths_;  ///< By level.
  PackedNetwork<S> network_;
  FeatureMap features_;

  RowLayout kept_rows_, scratch_rows_;
  Levels a_, p_, e_;                                ///< Kept. Level 0 of p is φ'.
  std::vector<Levels> column_z_, column_bar_;       ///< Kept, by column.
  Levels z_b_, z_c_, z_e_, a_b_, a_c_, a_e_, bar_;  ///< Scratch; ẋ uses c.
  Index in_a_, in_b_, in_c_, in_u_, out_;           ///< Scratch, inputs × width.
  Index run_[2], run_b_, run_c_, run_e_, bar_b_;    ///< Scratch, widest × width.
  Index transposed_[4];
  AlignedBuffer<S> kept_, scratch_;
};

}  // namespace least_action
