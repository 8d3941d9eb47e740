#include "train/check_data.h"

#include <string>

#include "base/contract.h"
#include "train/loss.h"

namespace least_action {
namespace {

void check_finite(std::string_view where, const std::vector<Trajectory>& part,
                  const char* name) {
  for (std::size_t i = 0; i < part.size(); ++i) {
    // NaN is no number: it marks what was not observed.
    if (!part[i].states.array().isInf().any() && !part[i].derivatives.array().isInf().any()) {
      continue;
    }
    fail(where, "trajectory " + std::to_string(i) + " of the " + name +
                    " part holds a number that is infinite");
  }
}

// Why a part holds no example, in words.
std::string nothing_to_learn(const Dataset& data, const TrainerOptions& options) {
  const std::string length = std::to_string(options.segment_length);
  switch (options.loss) {
    case LossKind::kDerivative:
      return Dataset::num_samples(data.train) == 0
                 ? "the training part holds no samples"
                 : "no sample of the training part has a complete state and a derivative";
    case LossKind::kAction:
      return "no training trajectory has three points with all positions";
    case LossKind::kTrajectory:
      break;
  }
  for (const Trajectory& trajectory : data.train) {
    if (trajectory.times.size() <= options.segment_length) continue;
    return "no point of the training part from which a segment of length " + length +
           " could start has a complete state and an observation after it";
  }
  return "no training trajectory has the " + std::to_string(options.segment_length + 1) +
         " points of a segment of length " + length;
}

}  // namespace

void check_data(std::string_view where, const ModelSpec& spec, const Dataset& data,
                const TrainerOptions& options) {
  if (data.degrees_of_freedom != spec.degrees_of_freedom) {
    fail_size(where, "the dataset's state", data.dimension(), 2 * spec.degrees_of_freedom,
              "state components of the model");
  }
  check_part(where, data.train, data.dimension());
  check_part(where, data.test, data.dimension());
  // A model with an energy reads the second half of its state as p or as q̇; of positions alone
  // both charts have the same.
  const ModelTraits& model = traits(spec.kind);
  if (model.has_energy && options.loss != LossKind::kAction && data.chart != model.chart) {
    fail(where, std::string("the dataset is in the ") +
                    (data.chart == Chart::kCanonical ? "canonical chart (q, p)"
                                                     : "velocity chart (q, q̇)") +
                    ", but a " + std::string(model.title) + " is trained in the other");
  }
  if (num_examples(options, data.train) == 0) {
    fail(where, nothing_to_learn(data, options));
  }
  check_finite(where, data.train, "training");
  check_finite(where, data.test, "test");
}

}  // namespace least_action
