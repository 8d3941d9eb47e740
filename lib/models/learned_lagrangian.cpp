#include "models/learned_lagrangian.h"

#include <algorithm>

#include "models/call_contract.h"

namespace least_action {

LearnedLagrangian::LearnedLagrangian(const LagrangianNetwork<double>& model,
                                     const Vector& theta, Index capacity)
    : model_(&model), theta_(&theta) {
  call_contract::check_theta("LearnedLagrangian", theta.size(), model.num_parameters());
  tape_ = model.network().make_tape(capacity);
}

void LearnedLagrangian::evaluate(ConstVectorRef t, ConstMatrixRef x, MatrixRef value,
                                 MatrixRef gradient) {
  check_sizes("LearnedLagrangian::evaluate", t, x, value, gradient);
  for (Index first = 0; first < x.cols(); first += tape_->capacity()) {
    const Index count = std::min(tape_->capacity(), x.cols() - first);
    model_->network().gradient(
        *theta_, x.middleCols(first, count),
        value.size() > 0 ? MatrixRef(value.middleCols(first, count)) : MatrixRef(value),
        gradient.middleCols(first, count), *tape_);
  }
}

}  // namespace least_action
