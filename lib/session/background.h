#pragma once

#include <functional>
#include <memory>
#include <string>

namespace least_action {

/// Repeats a piece of work on a thread of its own while resumed. Calls to `round` and `publish`
/// never overlap with anything done between `pause` and `resume`. In a build without threads
/// nothing but `available` (false) may be used.
class Background final {
 public:
  /// `round` does a little work and returns whether more remains; `publish` makes the results
  /// visible, every few hundredths of a second and whenever the work halts. Starts paused.
  /// Throws std::system_error where no thread can be had.
  Background(std::function<bool()> round, std::function<void()> publish);
  /// Waits for the round at work, then ends the thread.
  ~Background();

  static bool available();

  void resume();
  /// Returns when no round is at work: after at most one.
  void pause();
  /// True while rounds are being done: resumed, and work remained.
  bool running() const;
  /// What an exception out of the work said; empty where there was none.
  std::string error() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace least_action
