#include "session/learning_curve.h"

#include <algorithm>

namespace least_action {

void update_history(const std::vector<HistoryEntry>& newer, std::vector<HistoryEntry>& shown) {
  // The last entries tell whether one continues the other.
  std::size_t same = std::min(shown.size(), newer.size());
  while (same > 0 && (shown[same - 1].step != newer[same - 1].step ||
                      shown[same - 1].train_loss != newer[same - 1].train_loss)) {
    --same;
  }
  shown.resize(same);
  shown.insert(shown.end(), newer.begin() + static_cast<std::ptrdiff_t>(same), newer.end());
}

}  // namespace least_action
