#include "session/flow_session.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

using namespace least_action;

namespace {

FlowConfig small_config() {
  FlowConfig config;
  config.density = DensityKind::kGaussianMixture;
  config.width = 12;
  config.depth = 1;
  config.substeps = 2;
  config.batch_size = 32;
  config.total_steps = 60;
  return config;
}

/// A clock that moves a millisecond each time it is read.
Clock counting_clock() {
  return [now = 0.0]() mutable { return now += 1; };
}

}  // namespace

TEST_SUITE("session/flow_session") {
  TEST_CASE("the view shows the density, the flow's own, and samples on their way") {
    // Oracle: a Gaussian's density in closed form (an untrained flow is near the identity), and
    // the entropy of the library.
    FlowSession session(small_config(), counting_clock());
    const FlowView& view = session.view();
    CHECK(view.entropy == traits(DensityKind::kGaussianMixture).entropy);
    CHECK(view.true_log_density.size() == static_cast<std::size_t>(view.cells * view.cells));
    CHECK(view.target.cols() == FlowSession::kTargets);
    CHECK(view.log_density.empty());
    CHECK(session.is_stale());
    session.refresh();
    CHECK(!session.is_stale());
    REQUIRE(view.log_density.size() == view.true_log_density.size());
    // The cell right above the origin's corner: a Gaussian has log p = −log 2π there.
    const auto middle = static_cast<std::size_t>(view.cells / 2 * (view.cells + 1));
    CHECK(view.log_density[middle] == doctest::Approx(-1.838).epsilon(0.25));
    CHECK(view.mass > 0.9);
    CHECK(view.mass < 1.02);
    REQUIRE(view.paths.cols() == FlowSession::kPaths * FlowSession::kTimes);
    REQUIRE(view.times.size() == FlowSession::kTimes);
    CHECK(view.times.back() == 1);
    CHECK(view.paths.leftCols(view.path_count).rowwise().mean().norm() < 0.2f);
    CHECK(view.paths.allFinite());
  }

  TEST_CASE("training lowers the loss, and slices of time decide nothing") {
    // Oracle: a run in one go.
    FlowSession whole(small_config(), counting_clock());
    whole.advance(60);
    whole.refresh();
    FlowSession sliced(small_config(), counting_clock());
    sliced.start();
    int polls = 0;
    bool halfway = false;
    while (!sliced.view().finished && polls < 10000) {
      sliced.poll(4);
      ++polls;
      if (!halfway && sliced.view().step >= 30) {
        halfway = true;
        sliced.pause();
        const Index before = sliced.view().step;
        sliced.poll(4);
        CHECK(sliced.view().step == before);
        sliced.start();
      }
    }
    CHECK(polls > 10);
    while (sliced.is_stale()) sliced.poll(3);
    CHECK(sliced.theta() == whole.theta());
    CHECK(sliced.view().paths == whole.view().paths);
    CHECK(sliced.view().log_density == whole.view().log_density);
    REQUIRE(whole.view().history.size() == 3);
    CHECK(whole.view().history.back().test_loss < whole.view().history.front().test_loss);
    CHECK(whole.view().evaluations > 0);
    CHECK(whole.view().bytes > 0);
    CHECK(whole.view().summary.find("trained") != std::string::npos);
  }

  TEST_CASE("reset and configure start anew, faults change nothing") {
    FlowSession session(small_config(), counting_clock());
    const std::vector<double> start = session.theta();
    session.advance(5);
    session.refresh();
    CHECK(session.theta() != start);
    const std::uint64_t version = session.view().density_version;
    session.reset();
    CHECK(session.theta() == start);
    CHECK(session.view().step == 0);
    FlowConfig other = small_config();
    other.seed = 2;
    session.start();
    CHECK(session.configure(other).restarted);
    CHECK(session.view().training);
    CHECK(session.theta() != start);
    CHECK(session.view().density_version > version);
    other.width = -3;
    const ConfigureReport report = session.configure(other);
    REQUIRE(report.faults.size() == 1);
    CHECK(report.faults[0].find("Width") != std::string::npos);
    CHECK(session.config().width == 12);
    CHECK_THROWS_AS(FlowSession(other, counting_clock()), std::invalid_argument);
  }

  TEST_CASE("more steps go on from where training was") {
    // Oracle: the warm-up and the cosine in closed form.
    FlowSession session(small_config(), counting_clock());
    const FlowView& view = session.view();
    session.advance(60);
    session.refresh();
    CHECK(view.finished);
    const std::vector<double> trained = session.theta();
    const std::uint64_t version = view.version;
    const Index evaluations = view.evaluations;
    FlowConfig longer = small_config();
    longer.total_steps = 100;
    const ConfigureReport report = session.configure(longer);
    CHECK(report.faults.empty());
    CHECK_FALSE(report.restarted);
    CHECK(session.config() == longer);
    CHECK(session.theta() == trained);
    CHECK_FALSE(view.finished);
    CHECK(view.step == 60);
    CHECK(view.history.size() == 3);
    CHECK(view.version > version);
    CHECK(view.evaluations == evaluations);
    CHECK_FALSE(session.is_stale());  // The picture is still that of θ.
    CHECK(view.learning_rate == doctest::Approx(0.5 * 8e-3));  // (60 − 20)/(100 − 20)
    session.start();
    session.advance(1);
    CHECK(session.theta() != trained);
    longer.total_steps = 30;  // Fewer than were taken.
    CHECK_FALSE(session.configure(longer).restarted);
    CHECK(view.finished);
    CHECK_FALSE(view.training);
    CHECK(view.step == 61);
    longer.total_steps = 50;
    longer.width = 13;
    CHECK(session.configure(longer).restarted);
    CHECK(session.view().step == 0);
  }

  TEST_CASE("a saved flow goes on bit for bit, and damaged files are refused in words") {
    // Oracle: the run that was not interrupted.
    FlowSession session(small_config(), counting_clock());
    session.advance(23);
    const std::string bytes = session.save();
    FlowSession other({}, counting_clock());
    other.load(bytes);
    CHECK(other.config() == session.config());
    CHECK(other.view().step == 23);
    session.advance(20);
    other.advance(20);
    CHECK(other.theta() == session.theta());

    const std::vector<double> before = other.theta();
    std::string flipped = bytes;
    flipped[bytes.size() / 2] = static_cast<char>(flipped[bytes.size() / 2] ^ 4);
    CHECK_THROWS_WITH_AS(other.load(flipped), doctest::Contains("checksum"),
                         std::invalid_argument);
    for (const std::size_t length : {std::size_t{0}, std::size_t{5}, bytes.size() - 1}) {
      CHECK_THROWS_AS(other.load(bytes.substr(0, length)), std::invalid_argument);
    }
    CHECK_THROWS_AS(other.load("a file of another kind"), std::invalid_argument);
    CHECK(other.theta() == before);
  }

  TEST_CASE("samples are written with their density") {
    FlowSession session(small_config(), counting_clock());
    const std::string csv = session.samples_csv();
    CHECK(csv.substr(0, 16) == "x,y,log_density\n");
    CHECK(std::count(csv.begin(), csv.end(), '\n') == FlowSession::kPaths + 1);
    CHECK(csv.find("nan") == std::string::npos);
  }
}

TEST_SUITE("session/flow_config") {
  TEST_CASE("a query says what differs, and is read back") {
    // Oracle: the config itself.
    CHECK(to_query(FlowConfig{}).empty());
    FlowConfig config;
    config.density = DensityKind::kRings;
    config.width = 48;
    config.method = Method::kDormandPrince54;
    config.relative_tolerance = 1e-5;
    config.trace = TraceEstimator::kGaussian;
    config.sensitivity = SensitivityMethod::kCheckpointing;
    config.kinetic = 0.125;
    config.train_samples = 300;
    config.seed = 12;
    const ParsedFlowConfig parsed = parse_flow_config("#" + to_query(config));
    CHECK(parsed.faults.empty());
    CHECK(parsed.config == config);
    CHECK(parse_flow_config("density=%70inwheel").config.density == DensityKind::kPinwheel);
    for (const Setting& setting : flow_settings()) {
      FlowConfig changed;
      CHECK(!set_flow_setting(changed, setting.key, flow_setting_text(config, setting.key)));
      CHECK(flow_setting_text(changed, setting.key) == flow_setting_text(config, setting.key));
    }
  }

  TEST_CASE("flows that would hang or fill the page are refused, usual ones are not") {
    const auto fault = [](const char* query) {
      const ParsedFlowConfig parsed = parse_flow_config(query);
      CHECK(find_faults(parsed.config).empty());
      return parsed.faults.empty() ? std::string() : parsed.faults.front();
    };
    for (const char* query :
         {"", "width=64&depth=3&batch=512&substeps=8", "width=128&depth=2&batch=256",
          "method=dopri5&width=64&depth=3", "method=dop853&rtol=1e-6", "sens=full",
          "sens=full&width=64&depth=2&substeps=8&batch=256", "sens=full&method=dopri5",
          "batch=4096"}) {
      CAPTURE(query);
      CHECK(fault(query) == "");
    }
    // Stages count, and so do the slices that are shown.
    CHECK(fault("width=64&depth=3&batch=1024&substeps=16&method=euler") == "");
    CHECK(fault("width=64&depth=3&batch=1024&substeps=16").find("would take seconds") !=
          std::string::npos);
    CHECK(fault("width=256&depth=5&batch=1&substeps=64").find("would take seconds") !=
          std::string::npos);
    CHECK(fault("width=48&depth=2&batch=1024&substeps=32&sens=full")
              .find("the full tape would hold about") != std::string::npos);
    CHECK(fault("width=48&depth=2&batch=1024&substeps=32") == "");
  }

  TEST_CASE("the full tape's estimate is what it holds") {
    // Oracle: the memory counted by the gradient itself.
    for (const std::string query :
         {"width=24&depth=2&batch=64", "width=48&depth=3&batch=32",
          "width=32&depth=1&batch=64&trace=gaussian&method=midpoint"}) {
      CAPTURE(query);
      FlowConfig config = parse_flow_config(query + "&sens=full").config;
      REQUIRE(config.sensitivity == SensitivityMethod::kFullTape);
      FlowSession session(config, counting_clock());
      session.advance(1);
      const double ratio =
          estimate_cost(config).tape_bytes / static_cast<double>(session.view().bytes);
      CHECK(ratio > 0.6);
      CHECK(ratio < 1.5);
    }
    CHECK(estimate_cost(FlowConfig{}).tape_bytes == 0);
  }

  TEST_CASE("an adaptive solve that needs too many steps ends in words") {
    FlowConfig config = parse_flow_config("method=bs32&rtol=1e-8&width=8&depth=1").config;
    CHECK(trainer_options(config).max_steps == kFlowMaxSteps);
    FlowTrainerOptions options = trainer_options(config);
    options.max_steps = 2;
    FlowTrainer<float> trainer(options, make_density(config.density));
    const TrainingReport report = trainer.advance({1, 0});
    CHECK(report.status == TrainingStatus::kRecovered);
    CHECK(report.message.find("max_steps") != std::string::npos);
    options.max_steps = 0;
    REQUIRE(find_fault(options));
    CHECK(find_fault(options)->find("max_steps is 0") != std::string::npos);
  }

  TEST_CASE("malformed text is explained and never throws") {
    for (const char* query :
         {"density=moon", "width=1e9", "width=-1", "width=2.5", "lr=nan", "lr=", "colour=red",
          "density", "steps=99999999999999999999", "seed=-1", "method=verlet", "kinetic=inf"}) {
      INFO(query);
      const ParsedFlowConfig parsed = parse_flow_config(query);
      CHECK(parsed.config == FlowConfig{});
      REQUIRE(parsed.faults.size() == 1);
      CHECK(parsed.faults[0].size() > 20);
    }
    CHECK(parse_flow_config("density=moon").faults[0].find("Did you mean \"moons\"?") !=
          std::string::npos);
    CHECK(parse_flow_config("&&=&%&%zz=1&" + std::string(9000, 'x')).faults.size() == 1);
    CHECK(parse_flow_config("=&%&%zz=1&\xff\xfe=3").config == FlowConfig{});
    // Each fine, together not.
    const ParsedFlowConfig heavy =
        parse_flow_config("density=rings&width=256&depth=5&batch=4096&substeps=64");
    CHECK(heavy.faults.size() == 1);
    CHECK(heavy.config.density == DensityKind::kRings);
    CHECK(find_faults(heavy.config).empty());
    CHECK_THROWS_AS(flow_setting_text({}, "colour"), std::invalid_argument);
  }
}
