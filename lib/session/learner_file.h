#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/dataset.h"
#include "io/run_file.h"

namespace least_action {

/// What a learner's run file holds: a single model, and no dataset.
struct LearnerRecord {
  ModelRecord model;
  std::uint64_t seed = 1;
  /// Tells the dataset it was trained on; none: it has not been prepared for any.
  std::optional<std::uint32_t> data;
};

/// A number that differs for different datasets, but for a chance in 2³².
std::uint32_t fingerprint(const Dataset& dataset);

std::string write_learner(const LearnerRecord& record);
/// Throws std::invalid_argument "Run file: …" for what `write_learner` did not write, or whose
/// contents make no sense.
LearnerRecord read_learner(std::string_view bytes);

/// Whether the settings in a run file are those of a learner.
bool is_learner_config(std::string_view config);

}  // namespace least_action
