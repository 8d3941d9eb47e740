#pragma once

#include <string_view>

#include "data/dataset.h"
#include "models/dynamics_model.h"
#include "train/trainer_options.h"

namespace least_action {

/// Throws std::invalid_argument "where: …" unless a model of this spec can be trained on the
/// training part of `data` with these options (which have no fault): sizes and chart fit, the
/// numbers are finite or missing, and the part holds an example of the loss.
void check_data(std::string_view where, const ModelSpec& spec, const Dataset& data,
                const TrainerOptions& options);

}  // namespace least_action
