#include "session/map_words.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace least_action {
namespace {

/// Two or three significant digits, with a point whatever the locale.
std::string figure(double value) {
  if (std::isnan(value)) return "not a number";
  char text[32];
  std::snprintf(text, sizeof text, value != 0 && std::abs(value) < 1e-3 ? "%.0e" : "%.3g",
                value);
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), ',', '.');
  return plain;
}

/// Rounded down, so that 99.96 % is not called 100 %.
std::string percent(double share) { return figure(std::floor(1000 * share) / 10) + " %"; }

std::string classified(const MapModelView& model) {
  return model.score.accuracy == 1 ? "Every test point is right"
                                   : percent(model.score.accuracy) + " of the points are right";
}

}  // namespace

std::vector<std::string> map_names(const std::vector<MapModelConfig>& models) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < models.size(); ++k) {
    const auto alike = [&](const MapModelConfig& other) {
      return other.kind == models[k].kind;
    };
    std::string name(traits(models[k].kind).title);
    if (std::count_if(models.begin(), models.end(), alike) > 1) {
      const auto before =
          std::count_if(models.begin(), models.begin() + static_cast<std::ptrdiff_t>(k), alike);
      name += ' ' + std::to_string(before + 1);
    }
    names.push_back(std::move(name));
  }
  return names;
}

std::string result_of(MapTask task, const MapModelView& model) {
  if (model.step == 0) {
    return model.bound.reason.empty() ? "Not trained yet; nothing is known to forbid success."
                                      : "Not trained yet. " + model.bound.reason;
  }
  const std::string error = figure(model.score.mean_square_error);
  std::string text;
  switch (task) {
    case MapTask::kFlip:
      text = "Mean square error " + error;
      text += std::isnan(model.bound.mean_square_error)
                  ? "."
                  : "; no map that keeps the order gets below " +
                        figure(model.bound.mean_square_error) + ".";
      break;
    case MapTask::kReflection:
      text = "Worst error " + figure(model.score.worst_error);
      text +=
          std::isnan(model.bound.worst_error)
              ? "."
              : "; at least " + figure(model.bound.worst_error) + " whatever the parameters.";
      break;
    case MapTask::kAnnulus:
      text = classified(model) + ", the worst error is " + figure(model.score.worst_error);
      text +=
          std::isnan(model.bound.worst_error)
              ? "."
              : "; at least " + figure(model.bound.worst_error) + " whatever the parameters.";
      break;
    case MapTask::kDisc:
      text = classified(model);
      // What a grid sees as closed may have a way out between its nodes.
      if (model.encloses_positive && model.bound.no_bounded_region) {
        text += "; a channel finer than the grid joins its region to the border.";
      } else if (model.encloses_positive) {
        text += "; on the grid shown its region closes.";
      } else {
        text += "; its region runs on to the border of the window.";
      }
      break;
  }
  if (!model.bound.reason.empty()) text += ' ' + model.bound.reason;
  const bool augmented = model.config.kind == MapKind::kAugmentedNeuralOde;
  const bool solved = traits(task).is_classification ? model.score.accuracy == 1
                                                     : model.score.mean_square_error < 0.01;
  if (augmented && solved) text += " The added dimension gives the points room to pass.";
  if (model.solver_error > 0.05) {
    text += " The solver's steps are too long here (error " + figure(model.solver_error) +
            "), so this is not quite a flow.";
  }
  return text;
}

std::string summary_of(const MapView& view) {
  std::string text(traits(view.task).title);
  text += view.finished ? ", finished." : view.training ? ", training." : ", paused.";
  for (const MapModelView& model : view.models) {
    text += ' ' + model.name + ", step " + std::to_string(model.step) + ": " + model.result;
    if (!model.message.empty()) text += ' ' + model.message;
  }
  return text;
}

}  // namespace least_action
