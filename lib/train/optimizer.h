#pragma once

#include <memory>
#include <vector>

#include "base/types.h"
#include "train/trainer_options.h"

namespace least_action {

/// What an optimiser remembers between steps; owned by the caller, so a trainer can keep and
/// restore it like θ itself.
template <class S>
struct OptimizerState {
  Index steps = 0;                  ///< Taken since the start.
  std::vector<VectorX<S>> moments;  ///< SGD: the velocity. Adam: first and second moments.
};

/// A first-order rule θ ← θ − Δ(g). Immutable; one pass over θ, which is updated in place.
template <class S>
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// A state before the first step: every moment 0.
  virtual OptimizerState<S> start(Index num_parameters) const = 0;

  /// Takes one step. All vectors have the size given to `start`; wrong sizes throw
  /// std::invalid_argument. Does not allocate.
  virtual void step(double learning_rate, ConstVectorRefX<S> gradient, VectorRefX<S> theta,
                    OptimizerState<S>& state) const = 0;
};

/// Stochastic gradient descent with heavy-ball momentum μ and L2 weight decay λ:
///
///   v ← μ v + g + λ θ,   θ ← θ − η v.
///
/// The velocity is not damped by (1 − μ): in the long run a constant gradient moves θ by
/// η/(1 − μ) a step.
template <class S>
class Sgd final : public Optimizer<S> {
 public:
  Sgd(double momentum, double weight_decay);
  OptimizerState<S> start(Index num_parameters) const override;
  void step(double learning_rate, ConstVectorRefX<S> gradient, VectorRefX<S> theta,
            OptimizerState<S>& state) const override;

 private:
  double momentum_, weight_decay_;
};

/// How weight decay enters Adam: as λθ added to the gradient (and so divided by √v̂ like it), or
/// beside it (AdamW).
enum class WeightDecay { kL2, kDecoupled };

/// Adam with bias correction; t counts steps from 1:
///
///   m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,
///   θ ← θ − η m̂/(√v̂ + ε),   m̂ = m/(1 − β₁ᵗ),   v̂ = v/(1 − β₂ᵗ).
///
/// kL2: g + λθ in place of g. kDecoupled: θ ← (1 − ηλ) θ first, with the scheduled η.
/// Sources: Kingma & Ba, ICLR 2015, algorithm 1; Loshchilov & Hutter, ICLR 2019, algorithm 2.
template <class S>
class Adam final : public Optimizer<S> {
 public:
  Adam(double beta1, double beta2, double epsilon, double weight_decay, WeightDecay kind);
  OptimizerState<S> start(Index num_parameters) const override;
  void step(double learning_rate, ConstVectorRefX<S> gradient, VectorRefX<S> theta,
            OptimizerState<S>& state) const override;

 private:
  double beta1_, beta2_, epsilon_, weight_decay_;
  WeightDecay kind_;
};

/// The rule that `options` ask for.
template <class S>
std::unique_ptr<Optimizer<S>> make_optimizer(const TrainerOptions& options);

/// Scales `gradient` to Euclidean norm `max_norm` where it is longer (0: never). Returns its
/// norm before: NaN or ∞ where an entry is not finite, but finite for every finite float
/// gradient, also where the squares of its entries overflow.
template <class S>
double clip_gradient(double max_norm, VectorRefX<S> gradient);

}  // namespace least_action
