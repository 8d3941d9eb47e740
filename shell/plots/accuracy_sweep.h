#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "session/session.h"

namespace least_action {

/// The accuracy dial of the truth and every model, one point of one curve at a time, so that no
/// frame waits for more than one solve and its reference; and after the points of a curve its
/// round trip. Begins anew where the experiment has changed, but only when all curves are there
/// once: during training they lag rather than never appear.
class AccuracySweep {
 public:
  struct Curve {
    std::vector<AccuracyPoint>
        points;  ///< By falling setting; fewer while the first sweep runs.
    bool by_tolerance = true;
    std::string method, message;  ///< As of AccuracyView.
    RoundTripView round_trip;
    bool has_round_trip = false;
  };

  /// Computes the next point, if one is due: after a costly one it rests, so that training and
  /// drawing keep most of the time. True when a curve changed.
  bool advance(const Session& session, double now_seconds);
  /// True while there is something to compute.
  bool is_pending(const Session& session) const;

  /// The truth (−1) or a model; empty before its first point.
  const Curve& curve(int series) const;
  int num_models() const { return static_cast<int>(curves_.size()) - 1; }

 private:
  /// What the curves depend on.
  struct Key {
    std::uint64_t model_version = 0;
    Method method = Method::kEuler;
    double relative_tolerance = 0, absolute_tolerance = 0, step = 0, end = 0;
    std::vector<double> start;
    std::string system;
    std::vector<double> parameters;
    bool operator==(const Key&) const = default;
  };
  static Key key_of(const Session& session);
  void begin(const Session& session, Key key);

  Key key_;                    // of the sweep at work or done
  std::vector<Curve> curves_;  // the truth first
  std::vector<double> settings_;
  std::size_t series_ = 0, point_ = 0;  // next to compute
  double rest_until_ = -1e9;            // [s]
};

}  // namespace least_action
