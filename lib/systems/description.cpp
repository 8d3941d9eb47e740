#include "systems/description.h"

#include <string>

#include "base/contract.h"

namespace least_action {

std::vector<double> checked_values(const SystemDescription& description,
                                   const std::vector<double>& values) {
  const std::string where = "make_system: " + std::string(description.name);
  const std::vector<SystemParameter>& parameters = description.parameters;
  std::vector<double> checked;
  if (values.empty()) {
    for (const SystemParameter& parameter : parameters)
      checked.push_back(parameter.default_value);
    return checked;
  }
  if (values.size() != parameters.size()) {
    std::string names;
    for (const SystemParameter& parameter : parameters) {
      names += (names.empty() ? "" : ", ") + parameter.name;
    }
    fail_size(where, "values", static_cast<Index>(values.size()),
              static_cast<Index>(parameters.size()), names);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const SystemParameter& parameter = parameters[i];
    // Written so that NaN fails.
    if (!(values[i] >= parameter.minimum && values[i] <= parameter.maximum)) {
      fail_value(where, parameter.name, values[i],
                 "between " + to_text(parameter.minimum) + " and " +
                     to_text(parameter.maximum) +
                     (parameter.unit.empty() ? "" : " " + parameter.unit));
    }
  }
  return values;
}

}  // namespace least_action
