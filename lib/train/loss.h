#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/types.h"
#include "data/dataset.h"
#include "models/dynamics_model.h"
#include "train/trainer_options.h"

namespace least_action {

/// What the last call of a loss cost, batched calls of the model.
struct LossCost {
  Index evaluations = 0;  ///< Of the field: either way.
  Index vjps = 0;
  std::size_t bytes = 0;  ///< Memory held for it at most, tapes included.
};

/// The mean of a loss over chosen examples of a dataset part, and its gradient in θ. Holds the
/// examples (converted to S once) and all scratch space, so a call does not allocate; the model
/// must outlive it. Not to be shared between threads.
template <class S>
class Loss {
 public:
  virtual ~Loss() = default;

  virtual Index num_examples() const = 0;
  /// The most examples one call can take.
  virtual Index capacity() const = 0;

  /// The mean loss of the chosen examples (1 to capacity of them, indices below num_examples,
  /// repeats allowed). Writes its gradient to `gradient`, unless that is empty (size 0). Wrong
  /// sizes throw std::invalid_argument; what the numbers come to is not checked.
  virtual double evaluate(const VectorX<S>& theta, std::span<const Index> examples,
                          VectorRefX<S> gradient) = 0;
  virtual LossCost cost() const = 0;
};

/// W = 1/scale, 2n: scale is the root mean square of each component of the derivatives
/// (derivative loss) or states (trajectory loss) of a part that was observed; 1 where that is 0
/// or not finite. For the action loss the second half is that of the accelerations (second
/// differences of the positions), and the first is 1.
Vector component_weights(LossKind kind, const std::vector<Trajectory>& part, Index dimension);

/// The loss that `options.loss` names, on `part`. Throws std::invalid_argument where the part
/// holds no example of it.
template <class S>
std::unique_ptr<Loss<S>> make_loss(const TrainerOptions& options, const DynamicsModel<S>& model,
                                   const std::vector<Trajectory>& part, const Vector& weights,
                                   Index capacity);

/// How many examples (samples, segments or triples of positions) of that loss a part holds: see
/// train/examples.h.
Index num_examples(const TrainerOptions& options, const std::vector<Trajectory>& part);

/// The mean over any number of examples, in calls of at most the loss's capacity. Does not
/// allocate.
template <class S>
double mean_loss(Loss<S>& loss, const VectorX<S>& theta, std::span<const Index> examples);

/// The mean over all examples and its gradient, likewise. Allocates.
template <class S>
double mean_loss_and_gradient(Loss<S>& loss, const VectorX<S>& theta, VectorX<S>& gradient);

}  // namespace least_action
