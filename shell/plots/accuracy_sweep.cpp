#include "plots/accuracy_sweep.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace least_action {
namespace {

constexpr double kRest = 2;  // times what the last point took

// Tolerances 1e-2 … 1e-9 (the reference of a finer one would take too long for a frame), or
// steps from a tenth of a period down by halves.
std::vector<double> settings_of(const Session& session) {
  std::vector<double> settings;
  if (traits(session.config().rollout.method).adaptive) {
    for (int k = 2; k <= 9; ++k) settings.push_back(std::pow(10.0, -k));
  } else {
    for (int k = 0; k < 8; ++k) settings.push_back(std::ldexp(0.1 * session.view().period, -k));
  }
  return settings;
}

}  // namespace

AccuracySweep::Key AccuracySweep::key_of(const Session& session) {
  const SessionConfig& config = session.config();
  const Vector& times = session.view().times;
  Key key;
  key.model_version = session.view().model_version;
  key.method = config.rollout.method;
  key.relative_tolerance = config.rollout.relative_tolerance;
  key.absolute_tolerance = config.rollout.absolute_tolerance;
  key.step = config.rollout.step;
  key.end = times.size() > 0 ? times[times.size() - 1] : 0;
  key.start = config.initial_state;
  key.system = config.system;
  key.parameters = config.parameters;
  return key;
}

void AccuracySweep::begin(const Session& session, Key key) {
  const std::size_t count = session.view().models.size() + 1;
  Key before = key_;
  before.model_version = key.model_version;
  const bool truth_is_known =
      before == key && curves_.size() == count && !curves_.front().points.empty();
  if (!(before == key) || curves_.size() != count) curves_.assign(count, {});
  settings_ = settings_of(session);
  series_ = truth_is_known ? 1 : 0;
  point_ = 0;
  key_ = std::move(key);
}

bool AccuracySweep::is_pending(const Session& session) const {
  return series_ < curves_.size() || !(key_ == key_of(session));
}

bool AccuracySweep::advance(const Session& session, double now_seconds) {
  if (now_seconds < rest_until_) return false;
  const bool done = series_ >= curves_.size();
  Key key = key_of(session);
  Key other_model = key;
  other_model.model_version = key_.model_version;
  // While networks learn, a sweep goes on to its end; anything else begins it anew.
  if (!(other_model == key_) || curves_.size() != session.view().models.size() + 1 ||
      (done && !(key == key_))) {
    begin(session, std::move(key));
  } else if (done) {
    return false;
  }
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begun = Clock::now();
  Curve& curve = curves_[series_];
  const auto model = static_cast<Index>(series_) - 1;
  if (point_ < settings_.size()) {
    const AccuracyView view =
        session.accuracy_dial(model, {.method = {}, .settings = {settings_[point_]}});
    curve.by_tolerance = view.by_tolerance;
    curve.method = view.method;
    curve.message = view.message;
    if (view.points.empty()) {
      curve.points.clear();
      point_ = settings_.size();  // a map: it has no dial
    } else {
      if (curve.points.size() <= point_) curve.points.resize(point_ + 1);
      curve.points[point_++] = view.points.front();
    }
  } else {
    curve.round_trip = session.round_trip(model);
    curve.has_round_trip = true;
    ++series_;
    point_ = 0;
  }
  const std::chrono::duration<double> took = Clock::now() - begun;
  rest_until_ = now_seconds + kRest * took.count();
  return true;
}

const AccuracySweep::Curve& AccuracySweep::curve(int series) const {
  static const Curve kNone{};
  const auto index = static_cast<std::size_t>(series + 1);
  return index < curves_.size() ? curves_[index] : kNone;
}

}  // namespace least_action
