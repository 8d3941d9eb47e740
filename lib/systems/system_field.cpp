#include <stdexcept>
#include <string>

#include "base/contract.h"
#include "systems/system.h"

namespace least_action {
namespace {

/// Keeps the states of the last `forward`; Jacobians are made again, one at a time, where
/// asked.
class SystemTape final : public SystemField::Tape {
 public:
  SystemTape(Index dimension, Index capacity)
      : states(dimension, capacity),
        jacobian(dimension, dimension),
        zero(Vector::Zero(dimension / 2)) {}
  Index capacity() const override { return states.cols(); }
  std::size_t bytes() const override {
    return sizeof(double) *
           static_cast<std::size_t>(states.size() + jacobian.size() + zero.size());
  }

  Matrix states;    ///< 2n × capacity
  Matrix jacobian;  ///< 2n × 2n
  Vector zero;      ///< n: the half of the state that a separable system does not look at.
  Index batch = 0;  ///< Columns of `states` in use.
};

SystemTape& own_tape(std::string_view where, SystemField::Tape& tape, Index dimension) {
  auto* own = dynamic_cast<SystemTape*>(&tape);
  if (own == nullptr || own->states.rows() != dimension) {
    fail(where, "the tape is another field's; expected one of this field's make_tape");
  }
  return *own;
}

void check_block(std::string_view where, std::string_view name, ConstMatrixRef block,
                 Index rows, Index cols) {
  if (block.rows() != rows || block.cols() != cols) {
    fail_shape(where, name, block.rows(), block.cols(), rows, cols);
  }
}

void check_separable(std::string_view where, const SystemField& field) {
  if (!field.is_separable()) {
    throw std::logic_error(std::string(where) +
                           ": the field is not separable; expected H = T(p) + V(q) in (q, p)");
  }
}

}  // namespace

SystemField::SystemField(const System& system, Chart chart) : system_(&system), chart_(chart) {}

Index SystemField::dimension() const { return system_->dimension(); }

std::unique_ptr<SystemField::Tape> SystemField::make_tape(Index capacity) const {
  if (capacity < 1) {
    fail_value("SystemField::make_tape", "capacity", static_cast<double>(capacity),
               "at least 1");
  }
  return std::make_unique<SystemTape>(dimension(), capacity);
}

void SystemField::forward(ConstVectorRef t, ConstMatrixRef x, MatrixRef x_dot,
                          Tape& tape) const {
  constexpr std::string_view kWhere = "SystemField::forward";
  SystemTape& kept = own_tape(kWhere, tape, dimension());
  const Index batch = x.cols(), n = system_->degrees_of_freedom();
  if (batch > kept.capacity()) {
    fail_size(kWhere, "x", batch, kept.capacity(), "columns, at most the tape's capacity");
  }
  check_block(kWhere, "x", x, dimension(), batch);
  check_block(kWhere, "x_dot", x_dot, dimension(), batch);
  if (t.size() != batch) fail_size(kWhere, "t", t.size(), batch, "a time for each sample");
  kept.states.leftCols(batch) = x;
  kept.batch = batch;
  for (Index b = 0; b < batch; ++b) {
    const auto q = x.col(b).head(n), rate = x.col(b).tail(n);
    if (chart_ == Chart::kCanonical) {
      system_->velocity(q, rate, x_dot.col(b).head(n));
      system_->force(q, rate, x_dot.col(b).tail(n));
    } else {
      x_dot.col(b).head(n) = rate;
      system_->acceleration(q, rate, x_dot.col(b).tail(n));
    }
  }
}

void SystemField::vjp(ConstMatrixRef w, MatrixRef x_bar, VectorRef theta_bar,
                      Tape& tape) const {
  constexpr std::string_view kWhere = "SystemField::vjp";
  SystemTape& kept = own_tape(kWhere, tape, dimension());
  check_block(kWhere, "w", w, dimension(), kept.batch);
  check_block(kWhere, "x_bar", x_bar, dimension(), kept.batch);
  if (theta_bar.size() != 0) {
    fail_size(kWhere, "theta_bar", theta_bar.size(), 0, "exact equations have no θ");
  }
  for (Index b = 0; b < kept.batch; ++b) {
    system_->jacobian(chart_, kept.states.col(b), kept.jacobian);
    x_bar.col(b).noalias() = kept.jacobian.transpose().lazyProduct(w.col(b));
  }
}

void SystemField::jvp(ConstMatrixRef v, MatrixRef x_dot_tangent, Tape& tape) const {
  constexpr std::string_view kWhere = "SystemField::jvp";
  SystemTape& kept = own_tape(kWhere, tape, dimension());
  check_block(kWhere, "v", v, dimension(), kept.batch);
  check_block(kWhere, "x_dot_tangent", x_dot_tangent, dimension(), kept.batch);
  for (Index b = 0; b < kept.batch; ++b) {
    system_->jacobian(chart_, kept.states.col(b), kept.jacobian);
    x_dot_tangent.col(b).noalias() = kept.jacobian.lazyProduct(v.col(b));
  }
}

bool SystemField::is_separable() const {
  return chart_ == Chart::kCanonical && system_->is_separable() && system_->is_conservative();
}

void SystemField::velocity(ConstVectorRef t, ConstMatrixRef p, MatrixRef q_dot,
                           Tape& tape) const {
  constexpr std::string_view kWhere = "SystemField::velocity";
  check_separable(kWhere, *this);
  const SystemTape& kept = own_tape(kWhere, tape, dimension());
  check_block(kWhere, "p", p, system_->degrees_of_freedom(), t.size());
  check_block(kWhere, "q_dot", q_dot, p.rows(), p.cols());
  for (Index b = 0; b < p.cols(); ++b) system_->velocity(kept.zero, p.col(b), q_dot.col(b));
}

void SystemField::force(ConstVectorRef t, ConstMatrixRef q, MatrixRef p_dot, Tape& tape) const {
  constexpr std::string_view kWhere = "SystemField::force";
  check_separable(kWhere, *this);
  const SystemTape& kept = own_tape(kWhere, tape, dimension());
  check_block(kWhere, "q", q, system_->degrees_of_freedom(), t.size());
  check_block(kWhere, "p_dot", p_dot, q.rows(), q.cols());
  for (Index b = 0; b < q.cols(); ++b) system_->force(q.col(b), kept.zero, p_dot.col(b));
}

}  // namespace least_action
