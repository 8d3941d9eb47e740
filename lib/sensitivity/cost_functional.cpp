#include "sensitivity/cost_functional.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/contract.h"
#include "sensitivity/cost_field.h"

namespace least_action {
namespace {

constexpr const char* kWhere = "CostFunctionalGradient";

template <class S>
CostFunctional<S> checked(CostFunctional<S> functional, const VectorField<S>& field) {
  if (functional.num_parameters == 0) functional.num_parameters = field.num_parameters();
  if (functional.num_parameters < field.num_parameters()) {
    fail_size(kWhere, "num_parameters", functional.num_parameters, field.num_parameters(),
              "or more: the field's parameters are among them");
  }
  return functional;
}

template <class S>
std::unique_ptr<Sensitivity<S>> make(const SensitivityOptions& options,
                                     const VectorField<S>& field,
                                     const CostFunctional<S>& functional, Index max_batch,
                                     Index max_points) {
  if (functional.running == nullptr) {
    return make_sensitivity<S>(options, field, max_batch, max_points);
  }
  const CostField<S> augmented(field, *functional.running, functional.num_parameters);
  return make_sensitivity<S>(options, augmented, max_batch, max_points);
}

}  // namespace

template <class S>
CostFunctionalGradient<S>::CostFunctionalGradient(const SensitivityOptions& options,
                                                  const VectorField<S>& field,
                                                  const CostFunctional<S>& functional,
                                                  Index max_batch, Index max_points)
    : functional_(checked(functional, field)),
      dimension_(field.dimension()),
      sensitivity_(make(options, field, functional_, max_batch, max_points)) {
  const Index rows = dimension_ + (functional_.running != nullptr ? 1 : 0);
  x0_.setZero(rows, max_batch);
  x0_bar_ = x0_;
  states_.setZero(rows, max_batch * (max_points + 1));
  states_bar_ = states_;
  block_.setZero(dimension_, max_batch);
  block_bar_ = block_;
  t_.setZero(max_batch);
  costs_ = w_ = t_bar_ = t_;
  result_.theta_bar.setZero(functional_.num_parameters);
}

template <class S>
const CostGradient<S>& CostFunctionalGradient<S>::evaluate(const VectorField<S>& field,
                                                           ConstMatrixRef times,
                                                           ConstMatrixRefX<S> x0) {
  if (functional_.initial != nullptr) {
    fail(kWhere, "the functional has an initial state of its own, expected no other");
  }
  if (x0.rows() != dimension_ || x0.cols() < 1 || x0.cols() > x0_.cols()) {
    fail_shape(kWhere, "x0", x0.rows(), x0.cols(), dimension_, x0_.cols(), "or fewer samples");
  }
  x0_.topLeftCorner(dimension_, x0.cols()) = x0;
  return run(field, times, x0.cols());
}

template <class S>
const CostGradient<S>& CostFunctionalGradient<S>::evaluate(const VectorField<S>& field,
                                                           ConstMatrixRef times) {
  if (functional_.initial == nullptr) {
    fail(kWhere, "the functional has no initial state, expected one or x0");
  }
  const Index batch = functional_.initial->batch();
  if (batch < 1 || batch > x0_.cols()) {
    fail_size(kWhere, "the initial state's batch", batch, x0_.cols(), "or less");
  }
  functional_.initial->evaluate(block_.leftCols(batch));
  x0_.topLeftCorner(dimension_, batch) = block_.leftCols(batch);
  return run(field, times, batch);
}

template <class S>
const CostGradient<S>& CostFunctionalGradient<S>::run(const VectorField<S>& field,
                                                      ConstMatrixRef times, Index batch) {
  const Index blocks = times.cols();
  if (blocks < 2 || blocks * x0_.cols() > states_.cols()) {
    fail(kWhere, std::to_string(blocks) + " times, expected 2 … " +
                     std::to_string(states_.cols() / x0_.cols()));
  }
  const bool running = functional_.running != nullptr;
  std::optional<CostField<S>> augmented;
  if (running) augmented.emplace(field, *functional_.running, functional_.num_parameters);
  const VectorField<S>& solved =
      running ? static_cast<const VectorField<S>&>(*augmented) : field;
  if (running) x0_.row(dimension_).setZero();
  auto states = states_.leftCols(batch * blocks),
       states_bar = states_bar_.leftCols(batch * blocks);
  result_.status = sensitivity_->forward(solved, times, x0_.leftCols(batch), states);
  result_.message = sensitivity_->message();
  result_.cost = 0;
  result_.theta_bar.setZero();
  states_bar.setZero();
  direct_times_bar_.setZero(batch, blocks);
  if (functional_.observations != nullptr) add_observations(times, batch);
  if (running) {
    for (Index b = 0; b < batch; ++b) {
      if (sensitivity_->status(b) != SolveStatus::kReachedEnd) continue;
      result_.cost += double(states(dimension_, (blocks - 1) * batch + b));
      states_bar(dimension_, (blocks - 1) * batch + b) = 1;
    }
  }
  result_.times_bar.resize(batch, blocks);
  const Index own = running ? functional_.num_parameters : field.num_parameters();
  const SolveStatus back =
      sensitivity_->backward(solved, states_bar, x0_bar_.leftCols(batch),
                             result_.theta_bar.head(own), result_.times_bar);
  if (result_.status == SolveStatus::kReachedEnd && back != SolveStatus::kReachedEnd) {
    result_.status = back;
    result_.message = sensitivity_->message();
  }
  result_.times_bar += direct_times_bar_;
  result_.x0_bar = x0_bar_.topLeftCorner(dimension_, batch);
  result_.states = states.topRows(dimension_);
  if (functional_.initial != nullptr) {
    functional_.initial->pull_back(result_.x0_bar, result_.theta_bar);
  }
  result_.statistics = sensitivity_->statistics();
  return result_;
}

template <class S>
void CostFunctionalGradient<S>::add_observations(ConstMatrixRef times, Index batch) {
  auto block = block_.leftCols(batch), block_bar = block_bar_.leftCols(batch);
  auto t = t_.head(batch), costs = costs_.head(batch), w = w_.head(batch);
  auto t_bar = t_bar_.head(batch);
  for (Index k = 0; k < times.cols(); ++k) {
    const auto states = states_.middleCols(k * batch, batch);
    for (Index b = 0; b < batch; ++b) {
      // A sample that failed has no states to ask about, and no weight.
      const bool good = sensitivity_->status(b) == SolveStatus::kReachedEnd;
      t[b] = static_cast<S>(times(times.rows() == 1 ? 0 : b, k));
      w[b] = good ? S(1) : S(0);
      if (good) {
        block.col(b) = states.col(b).head(dimension_);
      } else {
        block.col(b) = x0_.col(b).head(dimension_);
        if (!block.col(b).allFinite()) block.col(b).setZero();
      }
    }
    functional_.observations->evaluate(k, t, block, costs);
    for (Index b = 0; b < batch; ++b) {
      if (w[b] != 0) result_.cost += double(costs[b]);
    }
    functional_.observations->pull_back(k, t, block, w, block_bar, result_.theta_bar, t_bar);
    for (Index b = 0; b < batch; ++b) {
      if (w[b] == 0) continue;
      states_bar_.col(k * batch + b).head(dimension_) = block_bar.col(b);
      direct_times_bar_(b, k) = double(t_bar[b]);
    }
  }
}

template class CostFunctionalGradient<float>;
template class CostFunctionalGradient<double>;

}  // namespace least_action
