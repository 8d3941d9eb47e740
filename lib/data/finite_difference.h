#pragma once

#include "base/types.h"

namespace least_action {

/// Writes ẋ(t_k) for observations x(t_k) at any strictly increasing times: the derivative, at
/// t_k, of the parabola through three neighbouring points,
///
///   ẋ(t) ≈ Σᵢ xᵢ ((t − tⱼ) + (t − t_l)) / ((tᵢ − tⱼ)(tᵢ − t_l)),   {i, j, l} the three points,
///
/// with t_k in their middle, or at their end where k is the first or last. Second order
/// everywhere (the ends have about twice the error), exact for parabolas. Noise σ in x becomes
/// noise of about σ/h in ẋ: nothing is smoothed.
///
/// A component that is missing (NaN) in a point has no derivative there (NaN), and its
/// parabolas go through the points where it was observed; with fewer than three it has none at
/// all.
///
/// times: m ≥ 3; states, derivatives: dimension × m. Throws std::invalid_argument on wrong
/// sizes, fewer points or times that do not increase.
///
/// Reference: Fornberg, Math. Comp. 51 (1988) 699.
void differentiate(ConstVectorRef times, ConstMatrixRef states, MatrixRef derivatives);

}  // namespace least_action
