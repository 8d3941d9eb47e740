#pragma once

#include <cstddef>
#include <memory>

#include "base/types.h"
#include "nn/mlp.h"

namespace least_action {

template <class S>
class MlpTangents;

/// Scratch space of `MlpTangents`; opaque, made once by its `make_tape`, reused.
template <class S>
class MlpTangentsTape final {
 public:
  ~MlpTangentsTape();
  MlpTangentsTape(const MlpTangentsTape&) = delete;
  MlpTangentsTape& operator=(const MlpTangentsTape&) = delete;

  Index capacity() const;     ///< The largest batch.
  std::size_t bytes() const;  ///< Memory held.

 private:
  friend class MlpTangents<S>;
  struct State;
  explicit MlpTangentsTape(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// A network's value together with k directional derivatives, and the reverse mode of all of
/// them at once: what a continuous normalising flow needs of its network, whose trace
/// tr ∂f/∂x = Σ_j eⱼᵀ (∂f/∂x) eⱼ is such a sum of derivatives and has to be differentiated.
///
///   y = f(x; θ),   ẏʲ = (∂f/∂x) vʲ,   j = 1 … k.
///
/// Reverse mode over forward mode, layer by layer, with ā the cotangent of a value and ǡʲ that
/// of a tangent:
///
///   z̄ = σ' ā + σ'' Σⱼ żʲ ǡʲ,   ż̄ʲ = σ' ǡʲ,   W̄ += z̄ aᵀ + Σⱼ ż̄ʲ (ȧʲ)ᵀ,   b̄ += z̄.
///
/// With F = 2h²B flop for one hidden layer and pass: `forward` (1 + k) F, `pullback` (1 + k) F
/// without θ̄ and 2(1 + k) F with it.
///
/// Shapes: x: inputs × B; the k directions and their derivatives are stacked, v: k·inputs × B
/// and ẏ: k·outputs × B (rows [j·outputs, (j+1)·outputs) are ẏʲ). Any B from 1 to the tape's
/// capacity. No call allocates. Wrong sizes throw std::invalid_argument.
template <class S>
class MlpTangents final {
 public:
  /// `tangents`: k, at least 0. Throws std::invalid_argument for a bad layout, too.
  MlpTangents(MlpLayout layout, Index tangents);

  const MlpLayout& layout() const { return mlp_.layout(); }
  Index inputs() const { return mlp_.inputs(); }
  Index outputs() const { return mlp_.outputs(); }
  Index num_parameters() const { return mlp_.num_parameters(); }
  Index tangents() const { return tangents_; }

  std::unique_ptr<MlpTangentsTape<S>> make_tape(Index capacity) const;

  /// Writes y and ẏ, and keeps in `tape` what `pullback` needs.
  void forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, ConstMatrixRefX<S> v,
               MatrixRefX<S> y, MatrixRefX<S> y_dot, MlpTangentsTape<S>& tape) const;

  /// For cotangents ȳ and ẏ̄ of the last `forward` writes x̄ = ∂ℓ/∂x (through y and ẏ both) and
  /// v̄ = ∂ℓ/∂v, and adds ∂ℓ/∂θ, summed over the batch, to `theta_bar`. Each of the three may be
  /// empty (size 0): not wanted. `theta` must be that of the matching `forward`.
  void pullback(ConstVectorRefX<S> theta, ConstMatrixRefX<S> y_bar,
                ConstMatrixRefX<S> y_dot_bar, MatrixRefX<S> x_bar, MatrixRefX<S> v_bar,
                VectorRefX<S> theta_bar, MlpTangentsTape<S>& tape) const;

 private:
  Mlp<S> mlp_;
  Index tangents_;
};

}  // namespace least_action
