#pragma once

#include <cstddef>
#include <memory>

#include "base/types.h"
#include "nn/mlp.h"

namespace least_action {

template <class S>
class MlpDerivatives;

/// Scratch space of `MlpDerivatives`; opaque, made once by its `make_tape`, reused.
template <class S>
class MlpDerivativesTape final {
 public:
  ~MlpDerivativesTape();
  MlpDerivativesTape(const MlpDerivativesTape&) = delete;
  MlpDerivativesTape& operator=(const MlpDerivativesTape&) = delete;

  Index capacity() const;     ///< The largest batch.
  std::size_t bytes() const;  ///< Memory held.

 private:
  friend class MlpDerivatives<S>;
  struct State;
  explicit MlpDerivativesTape(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Input derivatives of a SCALAR network f: Rᵈ → R (outputs == 1) up to second order, and the
/// parameter gradients of those derivatives. These are the passes Hamiltonian and Lagrangian
/// networks are made of; this file knows nothing of mechanics.
///
/// With F = 2h²B flop for one hidden layer and pass:
///   gradient               2 F      f, ∇f (keeps z, a and the adjoints ē)
///   hessian_product        2 F      ∇²f v
///   gradient_pullback      4 F      ∇²f v and θ̄ += ∂(vᵀ∇f)/∂θ
///   hessian_columns        2k F     k columns of ∇²f (keeps their tangents and adjoints)
///   mixed_pullback         8 F      x̄ and θ̄ of D_b D_c f − D_a f
///
/// Call order: `gradient` first; then any of the others, with the same θ and batch;
/// `mixed_pullback` after `hessian_columns`. No call allocates. Wrong sizes throw
/// std::invalid_argument.
template <class S>
class MlpDerivatives final {
 public:
  /// `columns`: how many Hessian columns the tape shall be able to keep (0 for the first three
  /// calls only). Throws std::invalid_argument unless layout.outputs == 1.
  MlpDerivatives(MlpLayout layout, Index columns);

  const MlpLayout& layout() const { return mlp_.layout(); }
  Index inputs() const { return mlp_.inputs(); }
  Index num_parameters() const { return mlp_.num_parameters(); }
  Index columns() const { return columns_; }

  std::unique_ptr<MlpDerivativesTape<S>> make_tape(Index capacity) const;

  /// Writes f (1 × B; skipped when empty) and ∇f (d × B).
  void gradient(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, MatrixRefX<S> value,
                MatrixRefX<S> grad, MlpDerivativesTape<S>& tape) const;

  /// θ̄ += Σ_b c_b ∂f/∂θ(x_b) for coefficients c (1 × B): reverse mode of the value itself.
  void value_pullback(ConstVectorRefX<S> theta, ConstMatrixRefX<S> c, VectorRefX<S> theta_bar,
                      MlpDerivativesTape<S>& tape) const;

  /// Writes ∇²f v (d × B) for a direction v (d × B) per sample.
  void hessian_product(ConstVectorRefX<S> theta, ConstMatrixRefX<S> v, MatrixRefX<S> hv,
                       MlpDerivativesTape<S>& tape) const;

  /// The VJP of x ↦ ∇f(x): writes ∇²f v (d × B) and adds ∂(Σ_b v_bᵀ ∇f(x_b))/∂θ to `theta_bar`.
  void gradient_pullback(ConstVectorRefX<S> theta, ConstMatrixRefX<S> v, MatrixRefX<S> hv,
                         VectorRefX<S> theta_bar, MlpDerivativesTape<S>& tape) const;

  /// Hessian columns first, …, first + columns − 1: writes ∇²f e_{first+j} to the rows
  /// [j·d, (j+1)·d) of `hessian` (columns·d × B).
  void hessian_columns(ConstVectorRefX<S> theta, Index first, MatrixRefX<S> hessian,
                       MlpDerivativesTape<S>& tape) const;

  /// Reverse mode of the mixed second derivative along the curve x + t₁b + t₂c − t₁t₂a,
  ///
  ///   s(x; θ) = bᵀ ∇²f c − aᵀ ∇f     (a, b, c held fixed),
  ///
  /// where b = Σ_j u_j e_{first+j} lies in the span of the last `hessian_columns`. `c` is given
  /// in full; its part inside that span is free, the rest costs one forward and one reverse
  /// pass. Writes x̄ = ∂s/∂x (d × B) and adds `weight` · Σ_b ∂s/∂θ to `theta_bar` (skipped when
  /// empty). u: columns × B; a, c: d × B.
  void mixed_pullback(ConstVectorRefX<S> theta, ConstMatrixRefX<S> a, ConstMatrixRefX<S> u,
                      ConstMatrixRefX<S> c, S weight, MatrixRefX<S> x_bar,
                      VectorRefX<S> theta_bar, MlpDerivativesTape<S>& tape) const;

 private:
  Mlp<S> mlp_;
  Index columns_;
};

}  // namespace least_action
