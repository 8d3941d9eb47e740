#pragma once

namespace least_action {

/// How much of a step its pull-back keeps. The gradient is the same bit for bit.
enum class StageTapes {
  kOne,      ///< One field tape: memory of one network evaluation, stages are evaluated again.
  kPerStage  ///< A field tape for every stage: nothing is evaluated twice.
};

}  // namespace least_action
