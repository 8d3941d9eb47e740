#pragma once

#include <algorithm>
#include <memory>

#include "ode/vector_field.h"

namespace least_action {

/// A field with the tape it is evaluated on. Counts the batched calls and keeps the worst
/// health met, for the statistics of a solve. The field must outlive it.
template <class S>
class FieldCalls final {
 public:
  FieldCalls(const VectorField<S>& field, Index max_batch)
      : field_(&field), tape_(field.make_tape(max_batch)) {}

  const VectorField<S>& field() const { return *field_; }

  /// `columns_each`: columns a sample has in this call, where all stages are evaluated at once.
  void forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
               Index columns_each = 1) {
    field_->forward(t, x, x_dot, *tape_);
    count(columns_each);
  }
  void jvp(ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent, Index columns_each = 1) {
    field_->jvp(v, x_dot_tangent, *tape_);
    count(columns_each);
  }
  void velocity(ConstVectorRefX<S> t, ConstMatrixRefX<S> p, MatrixRefX<S> q_dot) {
    field_->velocity(t, p, q_dot, *tape_);
    count(1);
  }
  void force(ConstVectorRefX<S> t, ConstMatrixRefX<S> q, MatrixRefX<S> p_dot) {
    field_->force(t, q, p_dot, *tape_);
    count(1);
  }

  /// Calls of any kind since construction or `reset`, for a sample: a velocity or a force is
  /// one call, so a step of Störmer–Verlet costs two; s stages in one call are s.
  Index evaluations() const { return evaluations_; }
  FieldHealth health() const { return health_; }
  std::size_t bytes() const { return tape_->bytes(); }
  void reset() {
    evaluations_ = 0;
    health_ = {};
  }

 private:
  void count(Index columns_each) {
    evaluations_ += columns_each;
    const FieldHealth last = tape_->health();
    health_.damped_samples = std::max(health_.damped_samples, last.damped_samples);
    health_.worst_condition = std::max(health_.worst_condition, last.worst_condition);
  }

  const VectorField<S>* field_;
  std::unique_ptr<typename VectorField<S>::Tape> tape_;
  Index evaluations_ = 0;
  FieldHealth health_;
};

}  // namespace least_action
