#include "train/schedule.h"

#include <cmath>

namespace least_action {
namespace {

constexpr double kPi = 3.14159265358979323846;

double cosine(Index step, Index total) {
  if (step >= total) return 0;
  return 0.5 * (1 + std::cos(kPi * static_cast<double>(step) / static_cast<double>(total)));
}

}  // namespace

double schedule_factor(const TrainerOptions& options, Index step) {
  switch (options.schedule) {
    case ScheduleKind::kConstant:
      return 1;
    case ScheduleKind::kCosine:
      return cosine(step, options.total_steps);
    case ScheduleKind::kWarmupCosine:
      break;
  }
  const Index warmup = options.warmup_steps;
  if (step < warmup) return static_cast<double>(step + 1) / static_cast<double>(warmup);
  return cosine(step - warmup, options.total_steps - warmup);
}

}  // namespace least_action
