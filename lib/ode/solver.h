#pragma once

#include <memory>
#include <optional>

#include "ode/adaptive_stepper.h"
#include "ode/event_search.h"
#include "ode/methods.h"
#include "ode/solve.h"

namespace least_action {

class FixedSteps;

/// A solve that is done again and again on the same field (a roll-out for each frame): the
/// constructor allocates tapes and stages, `solve` only what grows the Solution (and what
/// SolveExtras ask for), and no step allocates. The field must outlive it; its parameters may
/// change between solves.
class Solver final {
 public:
  /// Throws std::invalid_argument for a fault in the options, for a method that needs a
  /// separable field on one that is not, and for a max_batch out of range.
  Solver(const VectorField<double>& field, Index max_batch, const SolveOptions& options = {});

  /// As the free function `solve`, into `solution`, whose memory is used again (x0 may not be
  /// part of it).
  void solve(ConstMatrixRef x0, const std::vector<double>& times, Solution& solution,
             const SolveExtras& extras = {});
  /// As the free function `solve_each`.
  void solve_each(ConstMatrixRef x0, const Matrix& times, Solution& solution,
                  const SolveExtras& extras = {});

  const SolveOptions& options() const { return options_; }

 private:
  /// The times of every sample: that of sample b and index k is data[b · sample + k · index].
  struct Times {
    const double* data;
    Index sample, index, count;
    double operator()(Index b, Index k) const { return data[b * sample + k * index]; }
  };
  struct Track {
    Index next = 0;  // The first time not reached yet.
    double direction = 1;
    bool is_ended = false;  // By an event or the callback.
    Index changes = 0, last_event = -1;
    double last_change = 0;          // Its time,
    double interval = 0, ratio = 0;  // since the one before, and to that one's interval.
  };

  void check_state(ConstMatrixRef x0) const;
  void run(ConstMatrixRef x0, const Times& times, Solution& solution,
           const SolveExtras& extras);
  void begin(ConstMatrixRef x0, const Times& times, Solution& solution);
  void refuse_too_many_steps(const Times& times, Solution& solution);
  void follow(const Times& times, Solution& solution, const SolveExtras& extras);
  void prepare_dense(const Times& times, bool is_always_needed);
  /// Takes in the last step of a sample: its events, its states at requested times.
  void take_in(Index b, const Times& times, Solution& solution, const SolveExtras& extras);
  bool accumulates(Track& track, Index event, double t, double span) const;
  void change(Index b, Index event, double t, Solution& solution, const SolveExtras& extras);
  void write_states(Index b, double until, const Times& times, Solution& solution);
  void stop(Index b, double t, SolveStatus status, const std::string& reason,
            Solution& solution);
  void go_on(Index b, const Times& times);
  void finish(const Times& times, Solution& solution);

  const VectorField<double>* field_;
  SolveOptions options_;
  Index max_batch_;
  std::shared_ptr<AdaptiveStepper<double>> stepper_;
  FixedSteps* fixed_ = nullptr;  // The stepper, where the method has fixed steps.
  std::optional<EventSearch> search_;
  std::shared_ptr<DenseSolution> dense_;
  std::vector<Track> tracks_;
  std::vector<Index> wanted_;
  Vector start_, end_, last_;  // Of each sample: its first time, the one ahead, its last.
  Vector changed_;             // dimension
};

}  // namespace least_action
