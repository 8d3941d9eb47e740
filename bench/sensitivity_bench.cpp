#include <string>

#include "bench.h"
#include "models/dynamics_model.h"
#include "sensitivity/sensitivity.h"

namespace least_action::bench {
namespace {

/// A gradient of ½ Σ ‖x(t_k)‖² in θ and x₀, the way a loss takes it: forward, cotangents,
/// backward.
template <class S>
class Workload final {
 public:
  Workload(ModelKind kind, const std::vector<Index>& hidden, Index batch, Index points,
           double end, const SensitivityOptions& options)
      : model_(make_model<S>(spec(kind, hidden))),
        theta_(model_->num_parameters()),
        theta_bar_(theta_),
        field_((model_->initialize(Random(1), theta_), *model_), theta_),
        times_(1, points + 1),
        x0_(2, batch),
        x0_bar_(2, batch),
        states_(2, batch * (points + 1)),
        sensitivity_(make_sensitivity<S>(options, field_, batch, points)) {
    for (Index k = 0; k <= points; ++k) times_(0, k) = end * double(k) / double(points);
    Random random(2);
    for (Index i = 0; i < x0_.size(); ++i) x0_(i) = S(random.normal());
  }

  void operator()() {
    sensitivity_->forward(field_, times_, x0_, states_);
    theta_bar_.setZero();
    sensitivity_->backward(field_, states_, x0_bar_, theta_bar_, no_times_);
  }
  const SensitivityStatistics& statistics() const { return sensitivity_->statistics(); }

 private:
  static ModelSpec spec(ModelKind kind, const std::vector<Index>& hidden) {
    ModelSpec s;
    s.kind = kind;
    s.hidden = hidden;
    return s;
  }

  std::unique_ptr<DynamicsModel<S>> model_;
  VectorX<S> theta_, theta_bar_;
  ModelField<S> field_;
  Matrix times_, no_times_;
  MatrixX<S> x0_, x0_bar_, states_;
  std::unique_ptr<Sensitivity<S>> sensitivity_;
};

/// 2→50→2, 20 samples, 10 times in [0, 1.5], Dormand–Prince to 1e-7, in double.
Row neural_ode(SensitivityMethod method, double native) {
  SensitivityOptions options;
  options.sensitivity = method;
  options.stage_tapes = StageTapes::kPerStage;
  options.solve.relative_tolerance = 1e-7;
  options.solve.absolute_tolerance = 1e-9;
  Workload<double> gradient(ModelKind::kNeuralOde, {50}, 20, 10, 1.5, options);
  Row row;
  row.name = "grad NODE 2-50-2, 20, " + std::string(traits(method).name);
  row.milliseconds = median_milliseconds([&] { gradient(); });
  row.native_target = native;
  row.wasm_target = 5 * native;
  return row;
}

/// HNN 2→32→32→1, RK4 with one step from observation to observation, in float as it trains.
Row hamiltonian(SensitivityMethod method, Index batch, Index steps, double native) {
  SensitivityOptions options;
  options.sensitivity = method;
  options.stage_tapes = StageTapes::kPerStage;
  options.solve.method = Method::kRk4;
  options.substeps = 1;
  Workload<float> gradient(ModelKind::kHamiltonian, {32, 32}, batch, steps,
                           0.05 * double(steps), options);
  Row row;
  row.name = "grad HNN " + std::to_string(batch) + " x " + std::to_string(steps) + " rk4, " +
             std::string(traits(method).name);
  row.milliseconds = median_milliseconds([&] { gradient(); }, 9);
  const double pass = 2 * (2 * 32 + 32 * 32 + 32) * double(batch);
  row.flop = double(steps) * 4 * 8 * pass;
  row.native_target = native;
  row.wasm_target = 5 * native;
  return row;
}

}  // namespace

std::vector<Row> sensitivity_benchmarks(const Machine&) {
  using enum SensitivityMethod;
  std::vector<Row> rows;
  for (const SensitivityMethod method : {kFullTape, kSymplecticAdjoint, kCheckpointing}) {
    rows.push_back(neural_ode(method, 0.5));
  }
  rows.push_back(neural_ode(kBacksolve, 1));
  rows.push_back(neural_ode(kInterpolating, 0));
  rows.push_back(neural_ode(kReversible, 0));
  for (const SensitivityMethod method : {kFullTape, kSymplecticAdjoint, kCheckpointing}) {
    rows.push_back(hamiltonian(method, 64, 40, 4));
  }
  // Twice the steps, twice the samples: twice the time.
  rows.push_back(hamiltonian(kSymplecticAdjoint, 64, 80, 0));
  rows.push_back(hamiltonian(kSymplecticAdjoint, 64, 160, 0));
  rows.push_back(hamiltonian(kSymplecticAdjoint, 128, 40, 0));
  rows.push_back(hamiltonian(kSymplecticAdjoint, 256, 40, 0));
  return rows;
}

}  // namespace least_action::bench
