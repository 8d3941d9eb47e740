#include "view_bindings.h"

#include "answer.h"

namespace least_action::web {
namespace {

using emscripten::val;

val states(const Matrix& matrix) {
  return float64_array(matrix.data(), static_cast<std::size_t>(matrix.size()));
}

val vector(const Vector& values) {
  return float64_array(values.data(), static_cast<std::size_t>(values.size()));
}

std::string status_name(TrainingStatus status) {
  switch (status) {
    case TrainingStatus::kRunning:
      return "running";
    case TrainingStatus::kFinished:
      return "finished";
    case TrainingStatus::kRecovered:
      return "recovered";
    case TrainingStatus::kFailed:
      return "failed";
  }
  return "running";
}

val history_object(const std::vector<HistoryEntry>& history) {
  std::vector<double> step, train, test, rate;
  for (const HistoryEntry& entry : history) {
    step.push_back(static_cast<double>(entry.step));
    train.push_back(entry.train_loss);
    test.push_back(entry.test_loss);
    rate.push_back(entry.learning_rate);
  }
  val object = val::object();
  object.set("step", float64_array(step.data(), step.size()));
  object.set("trainLoss", float64_array(train.data(), train.size()));
  object.set("testLoss", float64_array(test.data(), test.size()));
  object.set("learningRate", float64_array(rate.data(), rate.size()));
  return object;
}

val model_object(const ModelView& model) {
  val object = val::object();
  object.set("name", model.name);
  object.set("numParameters", static_cast<double>(model.num_parameters));
  object.set("step", static_cast<double>(model.step));
  object.set("trainLoss", model.train_loss);
  object.set("testLoss", model.test_loss);
  object.set("learningRate", model.learning_rate);
  object.set("stepsPerSecond", model.steps_per_second);
  object.set("evaluationsPerStep", static_cast<double>(model.evaluations_per_step));
  object.set("productsPerStep", static_cast<double>(model.products_per_step));
  object.set("gradientBytes", model.gradient_bytes);
  object.set("status", status_name(model.status));
  object.set("message", model.message);
  object.set("history", history_object(model.history));
  object.set("trajectory", to_object(model.trajectory));
  object.set("energyDrift", model.energy_drift);
  object.set("trajectoryError", model.trajectory_error);
  object.set("validTime", model.valid_time);
  object.set("validThroughout", model.valid_throughout);
  return object;
}

}  // namespace

val to_object(const TrajectoryView& trajectory) {
  val object = val::object();
  object.set("dimension", static_cast<double>(trajectory.states.rows()));
  object.set("states", states(trajectory.states));
  object.set("energy", vector(trajectory.energy));
  object.set("status", trajectory.status);
  object.set("note", trajectory.note);
  object.set("evaluations", static_cast<double>(trajectory.evaluations));
  return object;
}

val to_object(const SessionView& view) {
  val object = val::object();
  object.set("version", static_cast<double>(view.version));
  object.set("finished", view.finished);
  object.set("coordinateSymbols", string_array(view.coordinate_symbols));
  object.set("coordinateUnits", string_array(view.coordinate_units));
  object.set("coordinateExtent",
             float64_array(view.coordinate_extent.data(), view.coordinate_extent.size()));
  object.set("period", view.period);
  object.set("times", vector(view.times));
  object.set("truth", to_object(view.truth));
  val models = val::array();
  for (std::size_t i = 0; i < view.models.size(); ++i)
    models.set(i, model_object(view.models[i]));
  object.set("models", models);
  val pinned = val::array();
  for (std::size_t i = 0; i < view.pinned.size(); ++i) {
    val start = val::object();
    start.set("truth", to_object(view.pinned[i].truth));
    val learned = val::array();
    for (std::size_t m = 0; m < view.pinned[i].models.size(); ++m)
      learned.set(m, to_object(view.pinned[i].models[m]));
    start.set("models", learned);
    pinned.set(i, start);
  }
  object.set("pinned", pinned);
  object.set("trainPoints", states(view.train_points));
  object.set("testPoints", states(view.test_points));
  object.set("summary", view.summary);
  return object;
}

val to_object(const Portrait& portrait) {
  val object = val::object();
  object.set("columns", static_cast<double>(portrait.columns));
  object.set("rows", static_cast<double>(portrait.rows));
  object.set("dx", float32_array(portrait.dx.data(), portrait.dx.size()));
  object.set("dy", float32_array(portrait.dy.data(), portrait.dy.size()));
  object.set("energy", float32_array(portrait.energy.data(), portrait.energy.size()));
  return object;
}

val to_object(const Section& section) {
  val object = val::object();
  object.set("x", float32_array(section.x.data(), section.x.size()));
  object.set("y", float32_array(section.y.data(), section.y.size()));
  const std::vector<double> start(section.start.begin(), section.start.end());
  object.set("start", float64_array(start.data(), start.size()));
  object.set("message", section.message);
  return object;
}

val to_object(const AccuracyView& view) {
  val object = val::object();
  object.set("method", view.method);
  object.set("byTolerance", view.by_tolerance);
  object.set("referenceTolerance", view.reference_tolerance);
  object.set("message", view.message);
  val points = val::array();
  for (std::size_t i = 0; i < view.points.size(); ++i) {
    const AccuracyPoint& from = view.points[i];
    val point = val::object();
    point.set("setting", from.setting);
    point.set("error", from.error);
    point.set("evaluations", static_cast<double>(from.evaluations));
    point.set("steps", static_cast<double>(from.steps));
    point.set("rejected", static_cast<double>(from.rejected));
    point.set("milliseconds", from.milliseconds);
    point.set("reached", from.reached);
    point.set("status", from.status);
    points.set(i, point);
  }
  object.set("points", points);
  return object;
}

val to_object(const RoundTripView& trip) {
  val object = val::object();
  object.set("returned", trip.returned);
  object.set("error", trip.error);
  object.set("start", float64_array(trip.start.data(), trip.start.size()));
  object.set("end", float64_array(trip.end.data(), trip.end.size()));
  object.set("evaluations", static_cast<double>(trip.evaluations));
  object.set("message", trip.message);
  return object;
}

val to_object(const Setting& setting) {
  constexpr const char* kKinds[] = {"choice", "integer", "number", "boolean", "text"};
  val object = val::object();
  object.set("key", setting.key);
  object.set("label", setting.label);
  object.set("help", setting.help);
  object.set("kind", std::string(kKinds[static_cast<int>(setting.kind)]));
  object.set("minimum", setting.minimum);
  object.set("maximum", setting.maximum);
  object.set("logarithmic", setting.logarithmic);
  object.set("choices", string_array(setting.choices));
  object.set("choiceLabels", string_array(setting.choice_labels));
  object.set("choiceHelps", string_array(setting.choice_helps));
  object.set("restarts", setting.restarts);
  return object;
}

}  // namespace least_action::web
