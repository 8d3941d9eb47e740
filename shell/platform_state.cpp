#include "platform_state.h"

#include <cmath>
#include <cstdio>

#include "control_map.h"
#include "session/session_view.h"

namespace least_action {
namespace {

std::string number(double value) {
  if (!std::isfinite(value)) return "null";
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

std::string column(const Matrix& states, Index k) {
  std::string json = "[";
  if (k >= 0 && k < states.cols()) {
    for (Index i = 0; i < states.rows(); ++i) {
      if (i > 0) json += ',';
      json += number(states(i, k));
    }
  }
  return json + "]";
}

std::string model_json(const ModelView& model) {
  std::string json = "{\"name\":" + json_string(model.name);
  const auto add = [&](const char* key, double value) {
    json += std::string(",\"") + key + "\":" + number(value);
  };
  add("step", static_cast<double>(model.step));
  add("parameters", static_cast<double>(model.num_parameters));
  add("train_loss", model.train_loss);
  add("test_loss", model.test_loss);
  add("learning_rate", model.learning_rate);
  add("energy_drift", model.energy_drift);
  add("trajectory_error", model.trajectory_error);
  add("valid_time", model.valid_time);
  add("evaluations", static_cast<double>(model.trajectory.evaluations));
  add("evaluations_per_step", static_cast<double>(model.evaluations_per_step));
  add("products_per_step", static_cast<double>(model.products_per_step));
  add("gradient_bytes", model.gradient_bytes);
  json += ",\"message\":" + json_string(model.message);
  json += ",\"history\":[";
  for (std::size_t k = 0; k < model.history.size(); ++k) {
    const HistoryEntry& entry = model.history[k];
    json += (k > 0 ? ",[" : "[") + number(static_cast<double>(entry.step)) + ',' +
            number(entry.train_loss) + ',' + number(entry.test_loss) + ']';
  }
  json += "],\"end\":" + column(model.trajectory.states, model.trajectory.states.cols() - 1);
  return json + "}";
}

}  // namespace

std::string state_json(const App& app) {
  const SessionView& view = app.view();
  const auto truth = [](bool value) { return value ? "true" : "false"; };
  std::string json = std::string("{\"training\":") + truth(view.training);
  json += ",\"workspace\":" + json_string(app.workspace());
  json += ",\"shown\":" + app.workspace_json();
  json += std::string(",\"background\":") + truth(view.background);
  json += std::string(",\"finished\":") + truth(view.finished);
  json += ",\"version\":" + number(static_cast<double>(view.version));
  json += ",\"period\":" + number(view.period);
  json += ",\"message\":" + json_string(app.message());
  json += ",\"symbols\":[";
  for (std::size_t i = 0; i < view.coordinate_symbols.size(); ++i) {
    json += (i > 0 ? "," : "") + json_string(view.coordinate_symbols[i]);
  }
  json += "],\"initial\":" + column(view.truth.states, 0);
  json += ",\"truth_end\":" + column(view.truth.states, view.truth.states.cols() - 1);
  json += ",\"pinned\":" + number(static_cast<double>(view.pinned.size()));
  json += ",\"models\":[";
  for (std::size_t i = 0; i < view.models.size(); ++i) {
    json += (i > 0 ? "," : "") + model_json(view.models[i]);
  }
  return json + "]}";
}

}  // namespace least_action
