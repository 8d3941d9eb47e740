#include "flow/flow_solver.h"

#include <limits>

#include "base/contract.h"

namespace least_action {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

struct FlowSolver::Implementation {
  Implementation(const FlowSpec& flow, const Vector& parameters, Index batch,
                 const SolveOptions& options)
      : spec(flow),
        max_batch(batch),
        theta(parameters),
        field(spec, theta),
        density_field(spec, theta),
        solver(field, batch, options),
        density_solver(density_field, batch, options),
        start(spec.dimension + 1, batch) {}

  void check(const char* where, Index rows, Index cols) const {
    if (rows != spec.dimension) fail_size(where, "x", rows, spec.dimension, "rows");
    if (cols < 1 || cols > max_batch)
      fail_value(where, "batch size", static_cast<double>(cols), "from 1 to max_batch");
  }
  const Solution& carry_density(Index batch, const std::vector<double>& times) {
    density_solver.solve(start.leftCols(batch), times, solution);
    last = &solution;
    return solution;
  }

  FlowSpec spec;
  Index max_batch;
  Vector theta;
  FlowField<double> field;
  FlowDensityField<double> density_field;
  Solver solver, density_solver;
  Matrix start;  // (x, ℓ)
  Solution solution, path;
  const Solution* last = &solution;
  const std::vector<double> forward{0, 1}, backward{1, 0};
};

FlowSolver::FlowSolver(const FlowSpec& spec, const Vector& theta, Index max_batch,
                       const SolveOptions& options) {
  if (max_batch < 1)
    fail_value("FlowSolver", "max_batch", static_cast<double>(max_batch), "positive");
  implementation_ = std::make_unique<Implementation>(spec, theta, max_batch, options);
}
FlowSolver::~FlowSolver() = default;
FlowSolver::FlowSolver(FlowSolver&&) noexcept = default;
FlowSolver& FlowSolver::operator=(FlowSolver&&) noexcept = default;

const FlowSpec& FlowSolver::spec() const { return implementation_->spec; }
Index FlowSolver::max_batch() const { return implementation_->max_batch; }
const Vector& FlowSolver::theta() const { return implementation_->theta; }
const std::string& FlowSolver::message() const { return implementation_->last->message; }
const SolveStatistics& FlowSolver::statistics() const {
  return implementation_->last->statistics;
}

void FlowSolver::set_theta(ConstVectorRef theta) {
  Vector& mine = implementation_->theta;
  if (theta.size() != mine.size())
    fail_size("FlowSolver::set_theta", "theta", theta.size(), mine.size(),
              "parameters of the flow");
  mine = theta;
}

SolveStatus FlowSolver::log_density(ConstMatrixRef x, VectorRef log_density) {
  Implementation& my = *implementation_;
  const Index batch = x.cols(), d = my.spec.dimension;
  my.check("FlowSolver::log_density", x.rows(), batch);
  if (log_density.size() != batch)
    fail_size("FlowSolver::log_density", "log_density", log_density.size(), batch, "columns");
  my.start.topRows(d).leftCols(batch) = x;
  my.start.row(d).setZero();
  const Solution& solution = my.carry_density(batch, my.backward);
  if (solution.times.size() < 2) {
    log_density.setConstant(kNan);
    return solution.status;
  }
  const auto base = solution.state(1);
  for (Index b = 0; b < batch; ++b) {
    log_density[b] = log_base_density(base.col(b).data(), d) - base(d, b);
  }
  return solution.status;
}

const Solution& FlowSolver::transport(ConstMatrixRef x, const std::vector<double>& times) {
  Implementation& my = *implementation_;
  my.check("FlowSolver::transport", x.rows(), x.cols());
  my.solver.solve(x, times, my.path);
  my.last = &my.path;
  return my.path;
}

SolveStatus FlowSolver::sample(Random& random, MatrixRef x, VectorRef log_density) {
  Implementation& my = *implementation_;
  const Index batch = x.cols(), d = my.spec.dimension;
  my.check("FlowSolver::sample", x.rows(), batch);
  if (log_density.size() != 0 && log_density.size() != batch)
    fail_size("FlowSolver::sample", "log_density", log_density.size(), batch, "or 0");
  for (Index b = 0; b < batch; ++b) {
    for (Index i = 0; i < d; ++i) x(i, b) = random.normal();
  }
  if (log_density.size() == 0) {
    const Solution& path = transport(x, my.forward);
    if (path.times.size() < 2) {
      x.setConstant(kNan);
    } else {
      x = path.state(1);
    }
    return path.status;
  }
  my.start.topRows(d).leftCols(batch) = x;
  for (Index b = 0; b < batch; ++b) my.start(d, b) = log_base_density(x.col(b).data(), d);
  const Solution& solution = my.carry_density(batch, my.forward);
  if (solution.times.size() < 2) {
    x.setConstant(kNan);
    log_density.setConstant(kNan);
  } else {
    x = solution.state(1).topRows(d);
    log_density = solution.state(1).row(d).transpose();
  }
  return solution.status;
}

}  // namespace least_action
