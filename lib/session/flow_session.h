#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"
#include "session/clock.h"
#include "session/flow_config.h"
#include "session/session.h"

namespace least_action {

/// All that a user interface shows of a flow, computed by `FlowSession`.
struct FlowView {
  std::uint64_t version = 0;  ///< Grows whenever anything below changes.
  bool training = false, finished = false;
  Index step = 0, total_steps = 0, num_parameters = 0;
  double steps_per_second = 0;
  double learning_rate = 0;
  /// Mean negative log-likelihoods [nat]; NaN before the first entry of the history.
  double train_nll = 0, test_nll = 0;
  double entropy = 0;  ///< Of the density: what test_nll comes down to in the best case [nat].
  std::vector<HistoryEntry> history;
  Index evaluations = 0;  ///< Of the network in one training step, both ways (NFE).
  std::size_t bytes = 0;  ///< Most memory the gradient of a step held.
  std::string message;    ///< Divergence, recovery, a solve that failed, in words.

  /// Base points on their way to the density: block k of `paths` (2 × count, so 2 × count ·
  /// times in all) is where they are at times[k].
  std::vector<double> times;
  Index path_count = 0;
  MatrixX<float> paths;
  std::uint64_t paths_version = 0;  ///< Grows with `paths`.

  /// log p [nat] at the middles of `cells` × `cells` squares of [−extent, extent]², row by row
  /// from below: the flow's at t = 1, and the truth's.
  Index cells = 0;
  double extent = 3;
  std::vector<float> log_density, true_log_density;
  std::uint64_t density_version = 0;       ///< Grows with `log_density`.
  std::uint64_t true_density_version = 0;  ///< Grows with `true_log_density` and `target`.
  /// Mean of p over the squares times their area: 1 where the flow lost no mass off the map.
  double mass = 0;

  MatrixX<float> target;  ///< 2 × N samples of the density.
  std::string summary;    ///< The state in words, for screen readers.
};

/// One flow trained on one density of the plane, and what there is to see of it: the façade of
/// lib/flow. Trains in float, shows what it computes in double. Deterministic: after k steps
/// the numbers are the same however the time was cut. Not thread-safe.
class FlowSession final {
 public:
  /// Throws std::invalid_argument with the faults of the config, if any.
  explicit FlowSession(const FlowConfig& config = {}, Clock clock = now_milliseconds);
  ~FlowSession();

  static constexpr Index kPaths = 600, kTimes = 41, kCells = 56, kTargets = 1500;

  const FlowConfig& config() const;
  /// Any change but that of `steps` starts anew; training goes on where it was running. Another
  /// number of steps keeps everything trained, and changes the learning rate from here on.
  ConfigureReport configure(const FlowConfig& config);

  void start();
  void pause();
  void reset();  ///< Parameters at their beginning, same samples; paused.
  void advance(Index steps);

  /// Once a frame: trains where started, and refreshes what is stale of the view, a part at a
  /// time, within about `milliseconds` (a third of it for the view while training). One
  /// training step is not cut. True when the view changed.
  bool poll(double milliseconds);
  void refresh();         ///< Brings the whole view up to date now.
  bool is_stale() const;  ///< Whether `poll` has still something to refresh.

  const FlowView& view() const;
  /// The samples shown, at t = 1: "x,y,log_density" lines with the flow's own log p.
  std::string samples_csv() const;

  std::vector<double> theta() const;
  /// Config, parameters, optimiser and history as bytes; `load` goes on from them as if never
  /// interrupted, paused. `load` throws std::invalid_argument with the reason for bytes that
  /// cannot be read (damaged, cut, of another kind), and then changes nothing.
  std::string save() const;
  void load(std::string_view bytes);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace least_action
