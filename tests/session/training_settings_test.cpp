// Settings of the training solver and its gradient, and the faults between them.
#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "ode/methods.h"
#include "session/experiment.h"
#include "session/training_cost.h"
#include "session_support.h"

using namespace least_action;

namespace {

const Setting& setting(const std::string& key) {
  for (const Setting& row : settings()) {
    if (row.key == key) return row;
  }
  FAIL("no setting is called ", key);
  return settings().front();
}

std::string only_fault(const std::string& query) {
  const ParsedConfig parsed = parse_config(query);
  return parsed.faults.size() == 1 ? parsed.faults.front()
                                   : std::to_string(parsed.faults.size()) + " faults";
}

}  // namespace

TEST_SUITE("session/training_settings") {
  TEST_CASE("every solver and every gradient is a choice with a line of explanation") {
    for (const char* key : {"integrator", "train-method"}) {
      CAPTURE(key);
      const Setting& row = setting(key);
      REQUIRE(row.choices.size() == methods().size());
      REQUIRE(row.choice_helps.size() == methods().size());
      for (std::size_t k = 0; k < methods().size(); ++k) {
        CHECK(row.choices[k] == methods()[k].name);
        CHECK(row.choice_helps[k] == methods()[k].help);
        CHECK(row.choice_helps[k].size() > 10);
      }
    }
    const Setting& row = setting("sensitivity");
    REQUIRE(row.choices.size() == sensitivity_methods().size());
    for (std::size_t k = 0; k < row.choices.size(); ++k) {
      CHECK(row.choices[k] == sensitivity_methods()[k].name);
      CHECK(row.choice_helps[k].find(sensitivity_methods()[k].memory) != std::string::npos);
    }
  }

  TEST_CASE("links and files keep the training solver and its gradient") {
    const std::string query =
        "loss=trajectory&train-method=dopri5&train-rtol=1e-4&sensitivity=checkpoint"
        "&checkpoints=5";
    const ParsedConfig parsed = parse_config(query);
    REQUIRE(parsed.faults.empty());
    CHECK(parsed.config.training.method == Method::kDormandPrince54);
    CHECK(parsed.config.training.relative_tolerance == 1e-4);
    CHECK(parsed.config.training.sensitivity == SensitivityMethod::kCheckpointing);
    CHECK(parsed.config.training.checkpoints == 5);
    CHECK(parse_config(to_query(parsed.config)).config == parsed.config);

    Session session(small(query + "&segment=3"));
    session.advance(2);
    const std::string bytes = session.save();
    Session other(small());
    other.load(bytes);
    CHECK(other.config() == session.config());
    // Bit for bit: the steps after a file are those without.
    session.advance(2);
    other.advance(2);
    CHECK(session.theta(0) == other.theta(0));
  }

  TEST_CASE("what does not go together is explained, and the link falls back") {
    CHECK(only_fault("models=hnn:8:tanh&loss=trajectory&train-method=verlet") ==
          "Störmer–Verlet needs a separable Hamiltonian, which HNN is not: use separable "
          "Hamiltonian networks, or another training solver.");
    CHECK(only_fault("models=separable-hnn:8:tanh&loss=trajectory&train-method=verlet") ==
          "0 faults");
    // The solver matters for that loss alone.
    CHECK(only_fault("models=hnn:8:tanh&train-method=verlet") == "0 faults");
    CHECK(only_fault("models=lnn:8:softplus+node:8:tanh&loss=action") ==
          "Training from positions only needs a Lagrangian, which Neural ODE has not: use "
          "Lagrangian networks alone, or another loss.");
    CHECK(only_fault("models=lnn:8:softplus&loss=action") == "0 faults");
    CHECK(parse_config("models=hnn:8:tanh&loss=action").config.training.loss ==
          LossKind::kDerivative);
    for (const char* text : {"0", "-1e-3", "1e-12", "0.5", "nan", "small"}) {
      CAPTURE(text);
      CHECK(only_fault(std::string("train-rtol=") + text).find("Training tolerance must be") ==
            0);
    }
    CHECK(only_fault("sensitivity=symplektic").find("Did you mean \"symplectic\"?") !=
          std::string::npos);
    CHECK(only_fault("checkpoints=-1").find("Checkpoints must be") == 0);
    CHECK(only_fault("missing=1").find("Missing must be") == 0);
  }

  TEST_CASE("an absurd training step is explained before anything is allocated") {
    const std::string wide = "models=lnn:512,512,512,512,512:softplus";
    CHECK(only_fault(wide + "&batch=0&trajectories=2000&samples=100")
              .find("Training would hold about ") == 0);
    const std::string tape = only_fault(
        "models=hnn:512,512:tanh&loss=trajectory&segment=100&samples=200&trajectories=200"
        "&batch=1024&substeps=10&sensitivity=full");
    CHECK(tape.find("symplectic adjoint") != std::string::npos);
    CHECK(only_fault("models=hnn:512,512:tanh&loss=trajectory&segment=100&samples=200"
                     "&trajectories=200&batch=1024&substeps=10")
              .find("One training step would take about ") == 0);
    // The networks of the literature (Cranmer et al. 2020) fit.
    CHECK(only_fault("system=double-pendulum&models=lnn:500,500:softplus&batch=512"
                     "&trajectories=100&samples=100") == "0 faults");
    CHECK(find_faults(SessionConfig()).empty());
  }

  // Oracle: the memory that the models' own tapes report for the whole batch.
  TEST_CASE("the estimate of memory is that of the tapes it stands for") {
    for (const char* models : {"hnn:40,40:tanh", "node:64:silu", "lnn:30,30:softplus"}) {
      CAPTURE(models);
      const SessionConfig config =
          parse_config(std::string("trajectories=100&samples=50&batch=2048&models=") + models)
              .config;
      const auto system = make_system(config.system);
      const double held = static_cast<double>(
          make_model<float>(model_spec(config, *system, 0))->make_tape(2048)->bytes());
      const double estimate = estimate_training_cost(config, *system).bytes;
      CHECK(estimate > 0.8 * held);
      CHECK(estimate < 1.3 * held + 1e5);
    }
  }

  // Oracle: what a full tape keeps grows with the steps, what the adjoint keeps hardly does.
  TEST_CASE("a session reports evaluations, products and memory of its last training step") {
    const auto cost = [](const std::string& query) {
      Session session(small("models=node:16,16:tanh&loss=trajectory&segment=6&" + query));
      CHECK(session.view().models[0].evaluations_per_step == 0);
      session.advance(2);
      return session.view().models[0];
    };
    const ModelView full = cost("sensitivity=full"), adjoint = cost("sensitivity=symplectic");
    // Runge–Kutta 4 over six points; the adjoint makes each evaluation again.
    CHECK(full.evaluations_per_step == 24);
    CHECK(adjoint.evaluations_per_step == 48);
    CHECK(full.products_per_step == 24);
    CHECK(adjoint.products_per_step == 24);
    CHECK(full.gradient_bytes > 2 * adjoint.gradient_bytes);
    const ModelView longer = cost("sensitivity=full&substeps=3");
    CHECK(longer.gradient_bytes > 2 * full.gradient_bytes);
  }
}
