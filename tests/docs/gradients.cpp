// The README's example of gradients through a solver, compiled and run by the tests.
#include <least_action.h>

#include <cmath>
#include <cstdio>

int main() {
  using namespace least_action;

  // ẋ = f(x; θ), 20 motions, each observed at ten times after its start.
  const auto model = make_model<double>({.kind = ModelKind::kNeuralOde, .hidden = {50}});
  Vector theta(model->num_parameters());
  model->initialize(Random(1), theta);
  const ModelField<double> field(*model, theta);
  const Matrix times = Vector::LinSpaced(11, 0, 2).transpose();
  Matrix starts(2, 20);
  for (Index b = 0; b < 20; ++b) starts.col(b) << std::cos(0.3 * b), std::sin(0.3 * b);

  // The gradient of C = ½ Σ ‖x(t_k)‖² by every method; ∂C/∂x(t_k) is x(t_k) itself.
  double exact = 0, worst = 0;
  for (const SensitivityTraits& each : sensitivity_methods()) {
    SensitivityOptions options{.sensitivity = each.method};
    options.solve = {.method = Method::kTsitouras54, .relative_tolerance = 1e-7};
    const auto sensitivity = make_sensitivity<double>(options, field, 20, 10);
    Matrix states(2, 20 * 11), starts_bar(2, 20), times_bar;
    Vector theta_bar = Vector::Zero(theta.size());
    if (sensitivity->forward(field, times, starts, states) != SolveStatus::kReachedEnd)
      return std::puts(sensitivity->message().c_str()), 1;
    sensitivity->backward(field, states, starts_bar, theta_bar, times_bar);
    std::printf("%-36s |dC/dθ| = %.9f, %4d kB\n", std::string(each.title).c_str(),
                theta_bar.norm(),
                static_cast<int>(sensitivity->statistics().peak_bytes / 1024));
    if (exact == 0) exact = theta_bar.norm();
    worst = std::max(worst, std::abs(theta_bar.norm() / exact - 1));
  }
  return worst < 1e-5 ? 0 : 1;
}
