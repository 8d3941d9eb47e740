#include "mechanics/euler_lagrange.h"

#include <Eigen/LU>

#include "base/contract.h"

namespace least_action {
namespace {

/// Eigen keeps matrices with a bound on their size on the stack.
constexpr int kStackSize = 8;
using StackMatrix =
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, kStackSize, kStackSize>;
using StackVector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, kStackSize, 1>;

template <class M, class V>
bool solve_with(const LagrangianJet& jet, ConstVectorRef q_dot, VectorRef q_ddot) {
  const V right = jet.force - jet.coriolis.lazyProduct(q_dot);
  const Eigen::FullPivLU<M> lu(M(jet.mass));
  if (!lu.isInvertible() || !right.allFinite()) return false;
  const V solution = lu.solve(right);
  if (!solution.allFinite()) return false;
  q_ddot = solution;
  return true;
}

}  // namespace

bool solve_acceleration(const LagrangianJet& jet, ConstVectorRef q_dot, VectorRef q_ddot) {
  constexpr std::string_view kWhere = "solve_acceleration";
  const Index n = q_dot.size();
  if (jet.force.size() != n) fail_size(kWhere, "force", jet.force.size(), n, "as q_dot");
  if (q_ddot.size() != n) fail_size(kWhere, "q_ddot", q_ddot.size(), n, "as q_dot");
  if (jet.mass.rows() != n || jet.mass.cols() != n) {
    fail_shape(kWhere, "mass", jet.mass.rows(), jet.mass.cols(), n, n, "as q_dot");
  }
  if (jet.coriolis.rows() != n || jet.coriolis.cols() != n) {
    fail_shape(kWhere, "coriolis", jet.coriolis.rows(), jet.coriolis.cols(), n, n, "as q_dot");
  }
  if (n <= kStackSize) return solve_with<StackMatrix, StackVector>(jet, q_dot, q_ddot);
  return solve_with<Matrix, Vector>(jet, q_dot, q_ddot);
}

}  // namespace least_action
