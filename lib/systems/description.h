#pragma once

#include <string_view>
#include <vector>

#include "systems/system.h"

namespace least_action {

/// What a system says about itself besides its equations.
struct SystemDescription {
  std::string_view name, title, text;
  std::vector<SystemParameter> parameters;
};

/// `values`, or the defaults where it is empty. Throws std::invalid_argument for a wrong number
/// of values or one that is not within its range.
std::vector<double> checked_values(const SystemDescription& description,
                                   const std::vector<double>& values);

}  // namespace least_action
