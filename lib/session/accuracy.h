#pragma once

#include <string>
#include <vector>

#include "base/types.h"
#include "ode/method.h"

namespace least_action {

/// What `Session::accuracy_dial` is to turn.
struct AccuracyRequest {
  /// Empty: the roll-out's method. Otherwise a name of `methods()`.
  std::string method;
  /// Relative tolerances of an adaptive method or steps [s] of a fixed-step one, at most 64;
  /// empty: tolerances 1e-2 … 1e-10, or steps from a tenth of the typical period down by
  /// halves.
  std::vector<double> settings;
};

/// One setting of the accuracy dial, as shown.
struct AccuracyPoint {
  double setting = 0;     ///< The relative tolerance, or the step [s].
  double error = 0;       ///< Against the reference, in the system's typical sizes; may be NaN.
  Index evaluations = 0;  ///< Of the field (NFE): the depth of the network.
  Index steps = 0, rejected = 0;
  double milliseconds = 0;
  double reached = 0;  ///< The time up to which the error was measured [s].
  std::string status;  ///< Empty, or why the solve stopped early, in words.
};

/// The accuracy dial of one model, as shown: along its own motion, from the current initial
/// state over the roll-out's span, in canonical coordinates.
struct AccuracyView {
  std::string method;                 ///< For people: "Dormand–Prince 5(4)".
  bool by_tolerance = true;           ///< Whether settings are tolerances; else steps [s].
  std::vector<AccuracyPoint> points;  ///< In the order asked; fewer, or none, with a message.
  double reference_tolerance = 0;     ///< Errors near it are not to be trusted.
  Index reference_evaluations = 0;  ///< In this call; 0 where the last one's reference served.
  std::string message;  ///< Empty, or why there is less to see than asked for, in words.
};

/// The round trip of one model, as shown: forward over the roll-out's span by the roll-out's
/// method, and back.
struct RoundTripView {
  bool returned = false;      ///< Whether both ways reached their ends.
  double error = 0;           ///< In the system's typical sizes; NaN where it did not return.
  std::vector<double> start;  ///< Canonical, 2n.
  std::vector<double> end;    ///< Canonical, 2n: what came back; empty where nothing did.
  Index evaluations = 0;      ///< Both ways.
  std::string message;        ///< The outcome in words.
};

}  // namespace least_action
