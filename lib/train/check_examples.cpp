#include "train/check_examples.h"

#include <string>

#include "base/contract.h"

namespace least_action {

void check_part(std::string_view where, const std::vector<Trajectory>& part, Index dimension,
                const Vector& weights, Index capacity) {
  check_part(where, part, dimension);
  if (weights.size() != dimension) {
    fail_size(where, "weights", weights.size(), dimension, "state components");
  }
  if (capacity < 1) fail_value(where, "capacity", static_cast<double>(capacity), "at least 1");
}

void check_examples(std::string_view where, std::span<const Index> examples, Index num_examples,
                    Index capacity) {
  const auto count = static_cast<Index>(examples.size());
  if (count < 1 || count > capacity) {
    fail_value(where, "the number of examples", static_cast<double>(count),
               "between 1 and " + std::to_string(capacity));
  }
  for (const Index example : examples) {
    if (example < 0 || example >= num_examples) {
      fail_value(where, "an example", static_cast<double>(example),
                 "between 0 and " + std::to_string(num_examples - 1));
    }
  }
}

}  // namespace least_action
