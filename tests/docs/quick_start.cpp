// The C++ quick start of README.md, word for word: tests/docs/check_readme.py compares the two,
// and the build runs it both inside the tree and against an installed copy.
#include <least_action.h>

#include <cstdio>

int main() {
  using namespace least_action;

  // 1. Data: noisy observations of a pendulum, as (q, p).
  const auto pendulum = make_system("pendulum");
  const auto data = std::make_shared<Dataset>(
      sample_dataset(*pendulum, Chart::kCanonical, {.trajectories = 20, .noise = 0.02}));

  // 2. A Hamiltonian network H_θ(q, p) that is periodic in q, trained by derivative matching.
  const std::shared_ptr<const DynamicsModel<float>> model =
      make_model<float>({.kind = ModelKind::kHamiltonian,
                         .hidden = {32, 32},
                         .features = {{.periodic = true}, {}}});
  Trainer<float> trainer(model, data, {.learning_rate = 5e-3, .total_steps = 2000});
  trainer.advance({.steps = 2000});
  std::printf("test loss %.2e after %d steps\n", trainer.test_loss(),
              static_cast<int>(trainer.step()));

  // 3. Roll it out in double for ten seconds and look at the energy.
  const auto learned = make_model<double>(model->spec());
  const Vector theta = trainer.theta().cast<double>();
  Vector start(2);
  pendulum->typical_state(start);
  const Solution orbit = solve(ModelField<double>(*learned, theta), start, {0.0, 10.0});
  if (!orbit.ok()) return std::puts(orbit.message.c_str()), 1;
  std::printf("true energy %.3f J at the start, %.3f J at the end\n",
              pendulum->energy(Chart::kCanonical, orbit.state(0).col(0)),
              pendulum->energy(Chart::kCanonical, orbit.state(1).col(0)));
  return trainer.test_loss() < 0.05 ? 0 : 1;
}
