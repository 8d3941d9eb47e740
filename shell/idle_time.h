#pragma once

namespace least_action {

/// How long nobody has touched the page and nothing was trained: an animation that nobody
/// watches comes to rest, and with it the page.
class IdleTime final {
 public:
  static constexpr double kRest = 60;  ///< [s] until an animation stops.

  /// A frame, `dt` seconds [s] after the last one. Asks ImGui for input; `busy` is whatever
  /// else counts as being in use.
  void advance(double dt, bool busy);
  bool is_over() const { return seconds_ > kRest; }

 private:
  double seconds_ = 0;
};

}  // namespace least_action
