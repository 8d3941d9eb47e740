#include "session/map_session.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "base/random.h"
#include "maps/learned_map.h"
#include "session/map_cost.h"

using namespace least_action;

namespace {

MapSessionConfig small(const char* query) {
  ParsedMapConfig parsed = parse_map_config(query);
  CHECK(parsed.faults.empty());
  return parsed.config;
}

bool says(const std::vector<std::string>& faults, std::string_view part) {
  for (const std::string& fault : faults)
    if (fault.find(part) != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_SUITE("session/map_session") {
  TEST_CASE("a query and its config are each other's inverse") {
    CHECK(to_query(MapSessionConfig()).empty());
    CHECK(parse_map_config("").config == MapSessionConfig());
    for (const MapTaskTraits& task : map_tasks()) {
      MapSessionConfig config;
      REQUIRE_FALSE(set_map_setting(config, "task", task.name));
      CHECK(find_faults(config).empty());
      const bool first = task.task == MapTask::kFlip;
      CHECK(to_query(config) == (first ? "" : "task=" + std::string(task.name)));
      CHECK(parse_map_config(to_query(config)).config == config);
      config.models = {usual_map(MapKind::kOneNeuron), usual_map(MapKind::kFullyConnected)};
      config.models[1].hidden = {4, 3};
      config.models[1].activation = Activation::kSoftplus;
      config.learning_rate = 0.003;
      config.seed = 4294967295u;
      const ParsedMapConfig parsed = parse_map_config('#' + to_query(config));
      CHECK(parsed.faults.empty());
      CHECK(parsed.config == config);
    }
    CHECK(maps_text(telling_maps(MapTask::kDisc)) ==
          "mlp:2,2,2:tanh+one-neuron:20+node:16:tanh");
    // What form decoding and escapes do to a link.
    CHECK(parse_map_config("models=node:8:tanh%2Banode:8:tanh:2").config.models.size() == 2);
    CHECK(parse_map_config("models=node anode").config.models.size() == 2);
  }

  TEST_CASE("malformed text is explained and never thrown") {
    const auto faults = [](const std::string& query) {
      const ParsedMapConfig parsed = parse_map_config(query);
      CHECK(find_faults(parsed.config).empty());  // It can always run.
      return parsed.faults;
    };
    CHECK(says(faults("task=anulus"), "Did you mean \"annulus\"?"));
    CHECK(says(faults("models=nod:8"), "Did you mean \"node\"?"));
    CHECK(says(faults("models="), "No map is called"));
    CHECK(says(faults("models=node:0"), "width"));
    CHECK(says(faults("models=node:99999999999999999999"), "width"));
    CHECK(says(faults("models=node:8:tan"), "activation"));
    CHECK(says(faults("models=node:8:tanh:3"), "more parts"));
    CHECK(says(faults("models=anode:8:tanh:9"), "1 to 8 added dimensions, not \"9\""));
    CHECK(says(faults("models=one-neuron:0"), "1 to 200 blocks"));
    CHECK(says(faults("models=node+node+node+node"), "At most 3 maps"));
    CHECK(says(faults("models=node:1,1,1,1,1,1,1"), "1 to 6 hidden layers"));
    CHECK(says(faults("lr=nan"), "Learning rate must be"));
    CHECK(says(faults("lr=-1&steps=1e9&batch=2.5&seed=x"), "Batch must be a whole number"));
    CHECK(faults("lr=-1&steps=1e9&batch=2.5&seed=x").size() == 4);
    CHECK(says(faults("rate=1"), "No setting is called \"rate\""));
    CHECK(says(faults("task"), "has no value"));
    CHECK(says(faults(std::string(10000, 'a')), "characters long"));
    CHECK(faults("&&%zz=%&=&\xff=\x01").size() >= 1);
    CHECK_THROWS_AS(map_setting_text(MapSessionConfig(), "nothing"), std::invalid_argument);
    MapSessionConfig none;
    none.models.clear();
    CHECK(says(find_faults(none), "not 0"));
    CHECK_THROWS_AS(MapSession{none}, std::invalid_argument);
    MapSession session(small("models=one-neuron:2&steps=10"));
    CHECK(session.configure(none).size() == 1);
    CHECK(session.config().models.size() == 1);  // Unchanged.
  }

  TEST_CASE("maps that would hang or fill the page are refused, those offered are not") {
    const auto faults = [](const std::string& query) {
      const ParsedMapConfig parsed = parse_map_config(query);
      CHECK(find_faults(parsed.config).empty());
      return parsed.faults;
    };
    const std::string wide = "node:128,128,128,128,128,128:tanh";
    CHECK(says(faults("task=disc&batch=1024&models=" + wide + '+' + wide + '+' + wide),
               "would take seconds"));
    CHECK(says(faults("task=disc&models=iresnet:128,128,128,128,128,128:tanh:20"),
               "would take seconds"));
    // Thin and deep: little work, much memory.
    const std::string deep = "iresnet:28,28,28,28,28,28:tanh:20";
    CHECK(says(faults("task=disc&batch=1024&models=" + deep + '+' + deep + '+' + deep),
               "would hold about"));
    CHECK(faults("task=disc&batch=1024&models=" + deep).empty());
    CHECK(parse_map_config("task=disc&models=" + wide).config.task == MapTask::kDisc);
    for (const MapTaskTraits& task : map_tasks()) {
      const std::string name = "task=" + std::string(task.name);
      CHECK(faults(name + "&batch=1024").empty());
      CHECK(faults(name + "&models=node:64,64:tanh").empty());
      CHECK(faults(name + "&models=iresnet:64,64:tanh:10+one-neuron:200+mlp:128,128:tanh")
                .empty());
    }
    MapSessionConfig config = parse_map_config("task=disc&models=mlp").config;
    read_maps(wide, config.models);
    CHECK(find_faults(config).size() == 1);
    MapSession session(small("models=one-neuron:2&steps=10"));
    CHECK(session.configure(config).size() == 1);
    CHECK(session.config().models.size() == 1);
  }

  TEST_CASE("the estimate of a tape is what a tape holds") {
    // Oracle: the tape's own count after a solve.
    for (const std::string map : {"node:32,32:tanh", "node:96,96:tanh", "anode:24:tanh:2",
                                  "iresnet:32,32:tanh:6", "one-neuron:60", "mlp:64,64:tanh"}) {
      MapSessionConfig config = parse_map_config("task=disc").config;
      REQUIRE(read_maps(map, config.models) == "");
      const MapSpec spec = spec_of(config, config.models[0]);
      const auto learned = make_map<float>(spec);
      constexpr Index kPoints = 512;
      const auto tape = learned->make_tape(kPoints);
      VectorX<float> theta(learned->num_parameters());
      learned->initialize(Random(1), theta);
      MatrixX<float> x = MatrixX<float>::Constant(2, kPoints, 0.5f), y(1, kPoints), none;
      VectorX<float> theta_bar = VectorX<float>::Zero(theta.size());
      learned->forward(theta, x, y, *tape);
      learned->vjp(theta, y, none, theta_bar, *tape);
      const double ratio =
          map_tape_bytes(spec, double(kPoints)) / static_cast<double>(tape->bytes());
      CAPTURE(map);
      CHECK(ratio > 0.6);
      CHECK(ratio < 1.5);
    }
    // A large flow does without the full tape.
    MapSessionConfig config = parse_map_config("task=disc").config;
    CHECK(spec_of(config, config.models[2]).sensitivity.sensitivity ==
          SensitivityMethod::kFullTape);
    config.models[2].hidden = {64, 64};
    CHECK(spec_of(config, config.models[2]).sensitivity.sensitivity ==
          SensitivityMethod::kSymplecticAdjoint);
  }

  TEST_CASE("more steps go on from where training was, anything else starts anew") {
    // Oracle: the cosine in closed form.
    MapSession session(small("models=one-neuron:3+mlp:3:tanh&steps=20&batch=8&lr=0.01"));
    const MapView& view = session.view();
    session.advance(20);
    CHECK(view.finished);
    const double error = (session.refresh(), view.models[1].score.mean_square_error);
    MapSessionConfig config = session.config();
    config.steps = 40;
    CHECK(session.configure(config).empty());
    CHECK(session.config() == config);
    CHECK_FALSE(view.finished);
    CHECK(view.models[0].step == 20);
    CHECK(view.models[0].history.size() == 1);
    CHECK(view.models[1].score.mean_square_error == error);
    CHECK(view.models[0].learning_rate == doctest::Approx(0.005));
    session.start();
    session.advance(100);
    CHECK(view.models[0].step == 40);
    CHECK(view.models[0].history.size() == 2);
    CHECK(view.finished);
    config.steps = 30;  // Fewer than were taken.
    CHECK(session.configure(config).empty());
    CHECK(view.finished);
    CHECK(view.models[0].step == 40);
    config.seed = 2;
    const std::uint64_t version = view.version;
    CHECK(session.configure(config).empty());
    CHECK(&session.view() == &view);  // Held while controls change it.
    CHECK(view.version > version);
    CHECK(view.models[0].step == 0);
    config.models.resize(1);
    CHECK(session.configure(config).empty());
    CHECK(view.models.size() == 1);
    session.poll(0);
  }

  TEST_CASE("however the time is cut, the maps are the same") {
    // Oracle: a second session.
    const MapSessionConfig config =
        small("task=disc&models=one-neuron:4+mlp:3:tanh&steps=40&batch=8");
    MapSession once(config), slices(config);
    once.advance(40);
    once.refresh();
    slices.start();
    CHECK(slices.view().training);
    slices.poll(0);  // One step of one map …
    slices.pause();  // … and the others catch up.
    CHECK(slices.view().models[0].step == 1);
    CHECK(slices.view().models[1].step == 1);
    slices.start();
    for (int k = 0; k < 1000 && slices.view().training; ++k) slices.poll(k % 3 == 0 ? 0 : 0.5);
    CHECK(slices.view().finished);
    slices.refresh();
    for (std::size_t k = 0; k < 2; ++k) {
      const MapModelView &a = once.view().models[k], &b = slices.view().models[k];
      CHECK(a.step == 40);
      CHECK(b.step == 40);
      CHECK(a.score.mean_square_error == b.score.mean_square_error);
      CHECK(a.decision == b.decision);
      CHECK(a.history.size() == 2);
      CHECK(b.history.size() == 2);
      CHECK(b.pictured_step == 40);
    }
    slices.start();  // Nothing is left to do.
    CHECK_FALSE(slices.view().training);
    CHECK_FALSE(slices.poll(1));
    slices.reset();
    CHECK(slices.view().models[0].step == 0);
    CHECK(slices.view().models[0].history.empty());
    CHECK_FALSE(slices.view().finished);
    CHECK_THROWS_AS(slices.advance(-1), std::invalid_argument);
    slices.poll(std::numeric_limits<double>::quiet_NaN());
  }

  TEST_CASE(
      "the picture shows paths that cannot cross, and the bound stands beside the error") {
    // Oracle: order on the line at every depth; the isotonic bound.
    MapSession session(small("steps=150&batch=32"));
    const MapView& view = session.view();
    CHECK(view.models.size() == 3);
    CHECK(view.models[0].step == 0);
    CHECK(view.models[0].result.find("Not trained yet") == 0);
    session.advance(150);
    session.refresh();
    const Index points = view.points.cols();
    for (const std::size_t k : {0u, 2u}) {  // Neural ODE and i-ResNet.
      const MapModelView& map = view.models[k];
      CAPTURE(map.name);
      for (Index s = 0; s < map.num_states; ++s) {
        const auto row = map.states.middleCols(s * points, points);
        CHECK((row.rightCols(points - 1) - row.leftCols(points - 1)).minCoeff() > -1e-6f);
      }
      CHECK(map.score.mean_square_error >= map.bound.mean_square_error);
      CHECK(map.result.find("0.337") != std::string::npos);
    }
    const MapModelView& augmented = view.models[1];
    CHECK(augmented.state_dimension == 2);
    CHECK(augmented.score.mean_square_error < 0.2);
    CHECK(augmented.evaluations == 48);
    CHECK(augmented.solver_error < 1e-3);
    CHECK(augmented.solver_error > 0);
    CHECK(std::isnan(view.models[2].solver_error));
    CHECK(view.summary.find("Neural ODE, step 150") != std::string::npos);
    CHECK(view.finished);
    CHECK(view.version > 2);
  }

  TEST_CASE("a decision grid is the map on its nodes") {
    // Oracle: the sign at points of known class, after training.
    MapSession session(small("task=disc&models=one-neuron:20&steps=1200&batch=64"));
    session.advance(1200);
    session.refresh();
    const MapView& view = session.view();
    const MapModelView& map = view.models[0];
    REQUIRE(view.grid > 0);
    REQUIRE(static_cast<Index>(map.decision.size()) == view.grid * view.grid);
    const auto at = [&](double x, double y) {
      const auto node = [&](double v) {
        return static_cast<Index>(
            std::lround((v / view.half_width + 1) / 2 * static_cast<double>(view.grid - 1)));
      };
      return map.decision[static_cast<std::size_t>(node(y) * view.grid + node(x))];
    };
    CHECK(at(0, 0) > 0);
    for (const double s : {-0.9, 0.9}) {
      CHECK(at(s, 0) < 0);
      CHECK(at(0, s) < 0);
      CHECK(at(s, s) < 0);
    }
    CHECK(map.read_out.size() == 3);
    CHECK(map.encloses_positive);
    CHECK(map.result.find("its region closes") != std::string::npos);
  }
}
