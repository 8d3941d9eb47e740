#include "sensitivity/implicit_pullback.h"

#include <Eigen/LU>
#include <algorithm>
#include <string>

#include "base/contract.h"
#include "ode/stepper.h"

namespace least_action {

/// The stages x + Zᵢ and their times, s columns for each sample.
template <class S>
struct ImplicitPullback<S>::StepTape final : ImplicitPullback<S>::Tape {
  std::size_t bytes() const override {
    return sizeof(*this) + field->bytes() +
           sizeof(S) * std::size_t(states.size() + times.size() + h.size());
  }

  std::unique_ptr<typename VectorField<S>::Tape> field;
  Index batch = 0;  // 0: holds no step.
  MatrixX<S> states;
  VectorX<S> times, h;
};

template <class S>
struct ImplicitPullback<S>::TransposedSystem {
  explicit TransposedSystem(Index size) : matrix(size, size), rhs(size), g(size), lu(size) {}

  MatrixX<S> matrix;
  VectorX<S> rhs, g;
  Eigen::PartialPivLU<MatrixX<S>> lu;
};

template <class S>
ImplicitPullback<S>::ImplicitPullback(const CollocationTableau& tableau,
                                      const VectorField<S>& field, Index max_batch)
    : field_(field),
      stepper_(tableau, field_, std::max<Index>(max_batch, 1)),
      a_(tableau.a.cast<S>()),
      b_(tableau.b.cast<S>()),
      c_(tableau.c.cast<S>()),
      system_(std::make_unique<TransposedSystem>(tableau.stages() * field.dimension())) {
  if (max_batch < 1) {
    fail_value("ImplicitPullback", "max_batch", static_cast<double>(max_batch), "at least 1");
  }
  rate_.setZero(field.dimension(), max_batch * stages());
  g_ = m_ = direction_ = rate_;
  jacobian_columns_.setZero(field.dimension(), rate_.size());
  tau_.setZero(rate_.cols());
}

template <class S>
ImplicitPullback<S>::~ImplicitPullback() = default;

template <class S>
std::unique_ptr<typename ImplicitPullback<S>::Tape> ImplicitPullback<S>::make_tape(
    const VectorField<S>& field, Index capacity, StageTapes) const {
  auto tape = std::make_unique<StepTape>();
  tape->field = field.make_tape(capacity * stages());
  tape->states.setZero(dimension(), capacity * stages());
  tape->times.setZero(capacity * stages());
  tape->h.setZero(capacity);
  return tape;
}

template <class S>
bool ImplicitPullback<S>::forward(const VectorField<S>& field, ConstVectorRefX<S> t,
                                  ConstVectorRefX<S> h, MatrixRefX<S> x, Tape& any) {
  auto& tape = static_cast<StepTape&>(any);
  const Index batch = x.cols(), s = stages();
  if (batch > tape.h.size()) {
    fail_value("ImplicitPullback", "the number of samples", static_cast<double>(batch),
               "at most the tape's capacity");
  }
  check_step<S>("ImplicitPullback", dimension(), max_batch(), t, h, x);
  tape.batch = 0;
  for (Index b = 0; b < batch; ++b) {
    tape.states.middleCols(b * s, s).colwise() = x.col(b);
  }
  field_.refer_to(field);
  stepper_.restart();
  const bool solved = stepper_.step(t, h, x);
  use_.evaluations += stepper_.calls().evaluations();
  const FieldHealth health = stepper_.calls().health();
  use_.health.damped_samples = std::max(use_.health.damped_samples, health.damped_samples);
  use_.health.worst_condition = std::max(use_.health.worst_condition, health.worst_condition);
  if (!solved) return false;
  for (Index b = 0; b < batch; ++b) {
    tape.states.middleCols(b * s, s) += stepper_.increments(b);
    tape.times.segment(b * s, s) = t[b] + h[b] * c_.array();
  }
  tape.h.head(batch) = h;
  tape.batch = batch;
  return true;
}

/// Writes gᵢ of one sample.
template <class S>
void ImplicitPullback<S>::solve_transposed(S h, Index sample, ConstVectorRefX<S> x_bar) {
  const Index n = dimension(), s = stages();
  auto& [matrix, rhs, g, lu] = *system_;
  for (Index j = 0; j < s; ++j) {
    for (Index k = 0; k < n; ++k) {
      // Row k of Jⱼᵀ.
      const auto column = jacobian_columns_.col(k * rate_.cols() + sample * s + j);
      for (Index i = 0; i < s; ++i) {
        matrix.row(i * n + k).segment(j * n, n) = -h * a_(j, i) * column.transpose();
      }
    }
    rhs.segment(j * n, n) = h * b_[j] * x_bar;
  }
  matrix.diagonal().array() += 1;
  lu.compute(matrix);
  g = lu.permutationP() * rhs;
  lu.matrixLU().template triangularView<Eigen::UnitLower>().solveInPlace(g);
  lu.matrixLU().template triangularView<Eigen::Upper>().solveInPlace(g);
  for (Index i = 0; i < s; ++i) g_.col(sample * s + i) = g.segment(i * n, n);
}

template <class S>
void ImplicitPullback<S>::pull_back(const VectorField<S>& field, MatrixRefX<S> x_bar,
                                    VectorRefX<S> theta_bar, VectorRefX<S> t_bar,
                                    VectorRefX<S> h_bar, Tape& any) {
  const char* where = "ImplicitPullback::pull_back";
  auto& tape = static_cast<StepTape&>(any);
  const Index batch = tape.batch, s = stages(), columns = batch * s;
  if (batch == 0) fail(where, "the tape holds no step; call forward first");
  if (x_bar.rows() != dimension() || x_bar.cols() != batch) {
    fail_shape(where, "x_bar", x_bar.rows(), x_bar.cols(), dimension(), batch);
  }
  auto rate = rate_.leftCols(columns);
  auto g = g_.leftCols(columns);
  auto m = m_.leftCols(columns);
  auto direction = direction_.leftCols(columns);
  use_.forward(field, tape.times.head(columns), tape.states.leftCols(columns), rate,
               *tape.field);
  for (Index k = 0; k < dimension(); ++k) {
    direction.setZero();
    direction.row(k).setOnes();
    field.jvp(direction, jacobian_columns_.middleCols(k * rate_.cols(), columns), *tape.field);
    use_.count(*tape.field);
  }
  for (Index b = 0; b < batch; ++b) solve_transposed(tape.h[b], b, x_bar.col(b));
  use_.vjp(field, g, m, theta_bar, *tape.field);

  const bool depends_on_time = !field.is_autonomous();
  if (depends_on_time && (t_bar.size() > 0 || h_bar.size() > 0)) {
    field.time_vjp(g, tau_.head(columns), *tape.field);
  }
  for (Index b = 0; b < batch; ++b) {
    if (t_bar.size() > 0) t_bar[b] = depends_on_time ? tau_.segment(b * s, s).sum() : S(0);
    if (h_bar.size() > 0) {
      S sum = depends_on_time ? tau_.segment(b * s, s).dot(c_) : S(0);
      for (Index i = 0; i < s; ++i) {
        sum += b_[i] * rate.col(b * s + i).dot(x_bar.col(b));
        for (Index j = 0; j < s; ++j) {
          sum += a_(i, j) * m.col(b * s + i).dot(rate.col(b * s + j));
        }
      }
      h_bar[b] = sum;
    }
    x_bar.col(b) += m_.middleCols(b * s, s).rowwise().sum();
  }
}

template <class S>
std::size_t ImplicitPullback<S>::bytes() const {
  return sizeof(*this) + stepper_.bytes() +
         sizeof(S) * std::size_t(4 * rate_.size() + jacobian_columns_.size() + tau_.size() +
                                 2 * system_->matrix.size());
}

template class ImplicitPullback<float>;
template class ImplicitPullback<double>;

}  // namespace least_action
