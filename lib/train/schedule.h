#pragma once

#include "base/types.h"
#include "train/trainer_options.h"

namespace least_action {

/// The factor on the learning rate for step k = 0, 1, …, N − 1 of N = total_steps, w =
/// warmup_steps:
///
///   constant        1
///   cosine          ½(1 + cos(π k/N))
///   warm-up cosine  (k + 1)/w for k < w, then ½(1 + cos(π (k − w)/(N − w)))
///
/// From N on a cosine is 0. Source: Loshchilov & Hutter, ICLR 2017, eq. 5 (without restarts).
double schedule_factor(const TrainerOptions& options, Index step);

}  // namespace least_action
