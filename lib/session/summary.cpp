#include "session/summary.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace least_action {
namespace {

std::string describe_model(const ModelView& model, double periods, bool conservative) {
  std::string text = " " + model.name + ": ";
  if (model.status == TrainingStatus::kFailed) text += "training failed, ";
  if (std::isfinite(model.test_loss)) {
    text += "test loss " + short_number(model.test_loss);
  } else if (std::isfinite(model.train_loss)) {
    text += "training loss " + short_number(model.train_loss);
  } else {
    text += "no loss yet";
  }
  if (!model.trajectory.status.empty()) {
    text += ", its trajectory stops early";
  } else if (conservative && std::isfinite(model.energy_drift)) {
    text += ", energy drift " + short_number(100 * model.energy_drift) + " percent over " +
            short_number(periods) + " periods";
  }
  if (model.valid_throughout) {
    text += ", follows the truth throughout";
  } else if (std::isfinite(model.valid_time)) {
    text += ", follows the truth for " + short_number(model.valid_time) + " seconds";
  }
  text += ".";
  return text;
}

}  // namespace

std::string short_number(double value) {
  char buffer[32];
  const double size = std::abs(value);
  if (size >= 100 && size < 1e7) {
    std::snprintf(buffer, sizeof buffer, "%.0f", value);
  } else {
    std::snprintf(buffer, sizeof buffer, "%.3g", value);
  }
  return buffer;
}

std::string describe(const SessionView& view, const System& system) {
  Index step = 0;
  for (const ModelView& model : view.models) step = std::max(step, model.step);
  std::string text = std::string(system.title()) + ". ";
  if (view.training) {
    text += "Training";
  } else if (view.finished) {
    text += "Training finished";
  } else if (step > 0) {
    text += "Training paused";
  } else {
    text += "Training not started";
  }
  text += ", step " + std::to_string(step) + ".";
  const double span = view.times.size() > 0 ? view.times[view.times.size() - 1] : 0;
  for (const ModelView& model : view.models)
    text += describe_model(model, span / view.period, system.is_conservative());
  return text;
}

}  // namespace least_action
