#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"

namespace least_action {

/// What a caller has measured, on its way to being a Dataset.
struct Observations {
  Chart chart = Chart::kCanonical;
  Index degrees_of_freedom = 1;
  /// A trajectory with empty `derivatives` has none; see make_dataset.
  std::vector<Trajectory> train, test;
};

/// Checks the trajectories (check_part; infinite numbers are refused) and fills derivatives
/// that are not there: by `differentiate` where there are at least three points and
/// `estimate_derivatives` says so, else NaN (missing). The last ⌈test_fraction · count⌉ of the
/// training trajectories become test ones where `test` is empty; at least one stays. Throws
/// std::invalid_argument "Dataset: …".
Dataset make_dataset(Observations observations, bool estimate_derivatives,
                     double test_fraction);

/// As write_dataset_csv and read_dataset_csv (io/csv.h).
std::string dataset_csv(const Dataset& dataset);
Dataset dataset_from_csv(std::string_view text);

/// All states (and, by the chain rule, derivatives) of a dataset carried to the other chart by
/// the exact p = ∂L/∂q̇ of `system`; what is missing in a half stays missing there. Throws
/// std::invalid_argument where the degrees of freedom differ.
Dataset dataset_in_chart(const Dataset& dataset, const System& system, Chart chart);

}  // namespace least_action
