#pragma once

#include <Eigen/Core>

namespace least_action {

using Index = Eigen::Index;

/// Dense types by scalar. Batches are matrices with ONE SAMPLE PER COLUMN (rows × columns is
/// always written "dimension × B"), so a sample is contiguous and a column binds to a Ref
/// without a copy.
template <class S>
using VectorX = Eigen::Matrix<S, Eigen::Dynamic, 1>;
template <class S>
using MatrixX = Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic>;

/// Parameters of functions: outputs are `VectorRefX<S>` / `MatrixRefX<S>` (by value, like a
/// pointer), inputs `ConstVectorRefX<S>` / `ConstMatrixRefX<S>`.
/// A Ref to const silently COPIES (and so allocates for) a row, a strided block or an
/// expression such as `2 * x`: pass plain matrices, their columns or blocks of columns.
template <class S>
using VectorRefX = Eigen::Ref<VectorX<S>>;
template <class S>
using MatrixRefX = Eigen::Ref<MatrixX<S>>;
template <class S>
using ConstVectorRefX = const Eigen::Ref<const VectorX<S>>&;
template <class S>
using ConstMatrixRefX = const Eigen::Ref<const MatrixX<S>>&;

using Vector = VectorX<double>;
using Matrix = MatrixX<double>;
using VectorRef = VectorRefX<double>;
using MatrixRef = MatrixRefX<double>;
using ConstVectorRef = ConstVectorRefX<double>;
using ConstMatrixRef = ConstMatrixRefX<double>;

}  // namespace least_action
