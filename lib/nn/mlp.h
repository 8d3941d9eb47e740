#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/types.h"
#include "nn/activation.h"

namespace least_action {

/// How one input coordinate enters a network.
struct InputFeature {
  /// false: the network sees scale · x. true: it sees the two features (sin x, cos x), so the
  /// learned function is 2π-periodic in x; derivatives are always with respect to x itself
  /// (the chain rule is inside the passes).
  bool periodic = false;
  double scale = 1;  ///< Conditioning only (fixed, not learned); ignored when periodic.
};

/// Description of a multilayer perceptron
///
///   a₀ = φ(x),   z_k = W_k a_{k−1} + b_k,   a_k = σ(z_k)  (k = 1..m),   y = W_{m+1} a_m +
///   b_{m+1}
///
/// with φ the input features. `hidden` may be empty (an affine map of the features).
struct MlpLayout {
  Index inputs = 0;
  std::vector<Index> hidden;
  Index outputs = 1;
  Activation activation = Activation::kTanh;
  std::vector<InputFeature> features;  ///< One per input, or empty: every input as it is.

  /// Number of features after φ: inputs + number of periodic inputs. A periodic input i
  /// contributes two neighbouring features (sin xᵢ, cos xᵢ), in input order.
  Index num_features() const;
  /// Length of the flat parameter vector θ: for each layer in order, W (out × in, column
  /// major) and then b (out).
  Index num_parameters() const;

  /// One block of θ.
  struct Layer {
    Index rows, cols;  ///< W is rows × cols.
    Index weight_offset, bias_offset;
  };
  std::vector<Layer> layers() const;

  /// Throws std::invalid_argument when a width is not positive, a feature list has the wrong
  /// length, a scale is zero or not finite, or θ would be absurd (over 2^27 parameters).
  void check() const;
};

template <class S>
class Mlp;

/// Scratch space of the passes for batches of up to a fixed size; opaque, made once by
/// `Mlp::make_tape`, reused.
template <class S>
class MlpTape final {
 public:
  ~MlpTape();
  MlpTape(const MlpTape&) = delete;
  MlpTape& operator=(const MlpTape&) = delete;

  Index capacity() const;     ///< The largest batch.
  std::size_t bytes() const;  ///< Memory held.

 private:
  friend class Mlp<S>;
  struct State;
  explicit MlpTape(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// A fully connected network y = f(x; θ). Immutable; holds no parameters: θ is one flat vector
/// owned by the caller. S is float or double.
///
/// Shapes: X: inputs × B, Y: outputs × B; B is any number from 1 to the tape's capacity and may
/// change from call to call. No call allocates. Wrong sizes throw std::invalid_argument.
template <class S>
class Mlp final {
 public:
  explicit Mlp(MlpLayout layout);

  const MlpLayout& layout() const { return layout_; }
  Index inputs() const { return layout_.inputs; }
  Index outputs() const { return layout_.outputs; }
  Index num_parameters() const { return num_parameters_; }

  /// Space for forward + pullback / pushforward of up to `capacity` samples.
  std::unique_ptr<MlpTape<S>> make_tape(Index capacity) const;

  /// Writes Y = f(X; θ) and keeps in `tape` what the other calls need (X, θ's batch, σ, σ').
  void forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x, MatrixRefX<S> y,
               MlpTape<S>& tape) const;

  /// Reverse mode. For Ȳ = ∂ℓ/∂Y writes X̄ = ∂ℓ/∂X and adds ∂ℓ/∂θ, summed over the batch, to
  /// `theta_bar`; an empty (size 0) `theta_bar` or `x_bar` is not computed. `theta` must be
  /// that of the matching `forward`; may be called repeatedly.
  void pullback(ConstVectorRefX<S> theta, ConstMatrixRefX<S> y_bar, MatrixRefX<S> x_bar,
                VectorRefX<S> theta_bar, MlpTape<S>& tape) const;

  /// Forward mode. For a direction Ẋ writes Ẏ = (∂f/∂x) Ẋ.
  void pushforward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x_tangent,
                   MatrixRefX<S> y_tangent, MlpTape<S>& tape) const;

 private:
  MlpLayout layout_;
  Index num_parameters_ = 0;
};

}  // namespace least_action
