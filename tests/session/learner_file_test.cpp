#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <stdexcept>
#include <string>

#include "io/run_file.h"
#include "learner_support.h"
#include "session/session.h"
#include "session_support.h"

using namespace least_action;
using namespace learner_support;

namespace {

// The message of a refusal, empty where there was none.
std::string refusal(const std::string& file) {
  try {
    Learner::load(file);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return {};
}

std::string changed(const std::string& file, const std::function<void(RunFile&)>& change) {
  RunFile run = read_run(file);
  change(run);
  return write_run(run);
}

}  // namespace

TEST_SUITE("session/learner_file") {
  // Oracle: the training that was never interrupted.
  TEST_CASE("a saved training goes on bit for bit where it is prepared with equal data") {
    for (const Precision precision : {Precision::kFloat32, Precision::kFloat64}) {
      for (const ModelKind kind : {ModelKind::kHamiltonian, ModelKind::kLagrangian}) {
        const Chart chart = traits(kind).chart;
        TrainerOptions options = small_options();
        options.optimizer = OptimizerKind::kAdamW;
        Learner whole(small_spec(kind), 9);
        whole.prepare(pendulum_data(chart), options, precision);
        whole.advance({.steps = 23});
        Learner resumed = Learner::load(whole.save());
        CHECK(resumed.theta() == whole.theta());
        CHECK(resumed.step() == 23);
        CHECK(resumed.total_steps() == 60);
        CHECK(resumed.learning_rate() == whole.learning_rate());
        CHECK(same_history(resumed.history(), whole.history()));
        CHECK((resumed.save() == whole.save()));
        CHECK(!resumed.prepared());
        CHECK_THROWS_AS(resumed.advance({.steps = 1}), std::invalid_argument);

        TrainerOptions rest = options;
        rest.total_steps = 37;
        resumed.prepare(pendulum_data(chart), rest, precision);
        whole.advance({});
        resumed.advance({});
        CHECK(same(resumed, whole));
      }
    }
  }

  TEST_CASE("a saved training starts anew on other data, precision or minibatches") {
    Learner first(small_spec());
    first.prepare(pendulum_data(), small_options());
    first.advance({.steps = 20});
    const std::string file = first.save();
    TrainerOptions other = small_options();
    other.batch_size = 7;
    const auto anew = [&](std::uint64_t seed, const TrainerOptions& options,
                          Precision precision) {
      Learner learner = Learner::load(file);
      learner.prepare(pendulum_data(Chart::kCanonical, seed), options, precision);
      CHECK(learner.step() == 0);
      CHECK(learner.history().empty());
      CHECK(learner.theta() == first.theta());
    };
    anew(2, small_options(), Precision::kFloat32);
    anew(1, small_options(), Precision::kFloat64);
    anew(1, other, Precision::kFloat32);
  }

  TEST_CASE("a refused preparation leaves a loaded training to go on") {
    Learner first(small_spec());
    first.prepare(pendulum_data(), small_options());
    first.advance({.steps = 20});
    Learner learner = Learner::load(first.save());
    TrainerOptions bad = small_options();
    bad.learning_rate = -1;
    CHECK_THROWS_AS(learner.prepare(pendulum_data(), bad), std::invalid_argument);
    CHECK_THROWS_AS(learner.prepare(pendulum_data(Chart::kVelocity), small_options()),
                    std::invalid_argument);
    CHECK((learner.save() == first.save()));
    learner.prepare(pendulum_data(), small_options(40));
    CHECK(learner.step() == 20);
  }

  TEST_CASE("a model that was never trained comes back as it was") {
    Learner fresh(small_spec(ModelKind::kResidual), 12345678901234567ull);
    Learner loaded = Learner::load(fresh.save());
    CHECK(loaded.theta() == fresh.theta());
    CHECK(loaded.spec().kind == ModelKind::kResidual);
    CHECK((loaded.save() == fresh.save()));
    // Its seed came along: training starts where the other's does.
    for (Learner* learner : {&fresh, &loaded}) {
      learner->prepare(pendulum_data(), small_options());
      learner->advance({});
    }
    CHECK(same(fresh, loaded));

    Learner given(small_spec());
    given.set_theta(Vector::Constant(given.num_parameters(), 0.1));
    CHECK(Learner::load(given.save()).theta() == given.theta());
  }

  TEST_CASE("parameters replaced after loading are trained on with a fresh optimiser") {
    for (const Precision precision : {Precision::kFloat32, Precision::kFloat64}) {
      Learner whole(small_spec());
      whole.prepare(pendulum_data(), small_options(), precision);
      whole.advance({.steps = 23});
      Learner resumed = Learner::load(whole.save());
      const Vector theta = 0.7 * whole.theta();
      whole.set_theta(theta);
      resumed.set_theta(theta);
      CHECK(resumed.theta() == whole.theta());
      resumed.prepare(pendulum_data(), small_options(37), precision);
      whole.advance({});
      resumed.advance({});
      CHECK(same(resumed, whole));
    }
  }

  TEST_CASE("a learner and a session refuse one another's files in words") {
    Session session(small());
    CHECK(refusal(session.save()) ==
          "Run file: it holds an experiment of several parts, not a single model; a session "
          "opens it");
    const std::string file = Learner(small_spec()).save();
    CHECK_THROWS_WITH_AS(
        session.load(file),
        "Run file: it holds a single model, not an experiment; a Learner opens it",
        std::invalid_argument);
  }

  TEST_CASE("a file that is damaged or makes no sense is refused") {
    Learner learner(small_spec());
    const std::string untrained = learner.save();
    learner.prepare(pendulum_data(), small_options());
    learner.advance({.steps = 20});
    const std::string file = learner.save();
    REQUIRE(refusal(file).empty());
    for (const std::string& bad :
         {std::string(), std::string("hello"), file + "x", file.substr(0, file.size() / 2)}) {
      CHECK(refusal(bad).find("Run file: ") == 0);
    }
    for (std::size_t i = 0; i < file.size(); i += 97) {
      std::string damaged = file;
      damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
      CHECK(refusal(damaged).find("Run file: ") == 0);
    }
    const auto refused = [&](const std::string& from, const std::function<void(RunFile&)>& to) {
      CHECK(refusal(changed(from, to)).find("Run file: ") == 0);
    };
    using State = Trainer<float>::State;
    const auto state = [](RunFile& run) -> State& {
      return std::get<State>(run.models[0].state);
    };
    refused(file, [](RunFile& run) { run.config += "0"; });
    refused(file, [](RunFile& run) { run.config.pop_back(); });
    refused(file, [](RunFile& run) { run.config.back() = 'x'; });
    refused(file, [](RunFile& run) { run.config.clear(); });
    refused(file, [](RunFile& run) { run.config = "least-action-learner 2 seed="; });
    refused(file, [](RunFile& run) { run.models.clear(); });
    refused(file, [](RunFile& run) { run.models.push_back(run.models[0]); });
    refused(file, [](RunFile& run) { run.datasets.push_back(*pendulum_data()); });
    refused(file, [&](RunFile& run) { state(run).theta.resize(3); });
    refused(file, [&](RunFile& run) { state(run).theta[0] = NAN; });
    refused(file, [&](RunFile& run) { state(run).good_theta.resize(3); });
    refused(file, [&](RunFile& run) { state(run).optimizer_moments.pop_back(); });
    refused(file, [&](RunFile& run) { state(run).good_moments[0].resize(2); });
    refused(file, [&](RunFile& run) { state(run).optimizer_moments[1][0] = NAN; });
    refused(file, [&](RunFile& run) { state(run).step = -1; });
    refused(file, [&](RunFile& run) { run.models[0].spec.hidden = {7}; });
    refused(untrained, [&](RunFile& run) { run.models[0].state = State(); });
    refused(untrained, [&](RunFile& run) {
      std::get<Trainer<double>::State>(run.models[0].state).theta.resize(0);
    });
    refused(untrained, [&](RunFile& run) {
      std::get<Trainer<double>::State>(run.models[0].state).theta[2] = NAN;
    });
  }
}
