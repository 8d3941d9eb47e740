#include "io/run_file.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "io/crc32.h"
#include "io/sample_run.h"

namespace least_action {
namespace {

using testing::sample_run;

bool is_refused(std::string_view bytes) {
  try {
    read_run(bytes);
    return false;
  } catch (const std::invalid_argument& error) {
    return std::string_view(error.what()).substr(0, 10) == "Run file: ";
  }
}

// The reason for refusing `bytes`; empty where they are read.
std::string reason(std::string_view bytes) {
  try {
    read_run(bytes);
    return {};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Oracle of crc32: the same polynomial division, bit by bit, without a table.
std::uint32_t slow_crc32(std::string_view bytes) {
  std::uint32_t remainder = ~0u;
  for (const char c : bytes) {
    for (int bit = 0; bit < 8; ++bit) {
      const auto next = (remainder ^ (static_cast<unsigned char>(c) >> bit)) & 1u;
      remainder = (remainder >> 1) ^ (next != 0 ? 0xEDB88320u : 0u);
    }
  }
  return ~remainder;
}

// Writes `value` at `offset`, lowest byte first.
template <class T>
void patch(std::string& bytes, std::size_t offset, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[offset + i] = static_cast<char>((value >> (8 * i)) & 0xFFu);
  }
}

// Makes changed contents undamaged again: the length and the checksum.
std::string sealed(std::string bytes) {
  patch<std::uint64_t>(bytes, 12, bytes.size());
  patch<std::uint32_t>(bytes, bytes.size() - 4,
                       slow_crc32(std::string_view(bytes).substr(0, bytes.size() - 4)));
  return bytes;
}

template <class T>
bool same_bits(const T& a, const T& b) {
  return a.size() == b.size() &&
         (a.size() == 0 ||
          std::memcmp(a.data(), b.data(),
                      static_cast<std::size_t>(a.size()) * sizeof(*a.data())) == 0);
}

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

template <class S>
void check_same_state(const typename Trainer<S>::State& a,
                      const typename Trainer<S>::State& b) {
  CHECK(same_bits(a.theta, b.theta));
  CHECK(same_bits(a.good_theta, b.good_theta));
  REQUIRE(a.optimizer_moments.size() == b.optimizer_moments.size());
  REQUIRE(a.good_moments.size() == b.good_moments.size());
  for (std::size_t i = 0; i < a.optimizer_moments.size(); ++i) {
    CHECK(same_bits(a.optimizer_moments[i], b.optimizer_moments[i]));
    CHECK(same_bits(a.good_moments[i], b.good_moments[i]));
  }
  CHECK(a.step == b.step);
  CHECK(a.good_step == b.good_step);
  CHECK(a.recoveries == b.recoveries);
  CHECK(a.epoch_position == b.epoch_position);
  CHECK(a.optimizer_steps == b.optimizer_steps);
  CHECK(a.good_optimizer_steps == b.good_optimizer_steps);
  CHECK(a.failures == b.failures);
  CHECK(a.calm_steps == b.calm_steps);
  CHECK(a.loss_count == b.loss_count);
  CHECK(same_bits(a.learning_rate_scale, b.learning_rate_scale));
  CHECK(same_bits(a.best_loss, b.best_loss));
  CHECK(same_bits(a.smoothed_loss, b.smoothed_loss));
  CHECK(same_bits(a.loss_sum, b.loss_sum));
  CHECK(a.random_state == b.random_state);
  CHECK(a.permutation == b.permutation);
  REQUIRE(a.history.size() == b.history.size());
  for (std::size_t i = 0; i < a.history.size(); ++i) {
    CHECK(a.history[i].step == b.history[i].step);
    CHECK(same_bits(a.history[i].train_loss, b.history[i].train_loss));
    CHECK(same_bits(a.history[i].test_loss, b.history[i].test_loss));
    CHECK(same_bits(a.history[i].learning_rate, b.history[i].learning_rate));
  }
}

void check_same_part(const std::vector<Trajectory>& a, const std::vector<Trajectory>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(same_bits(a[i].times, b[i].times));
    CHECK(a[i].states.rows() == b[i].states.rows());
    CHECK(same_bits(a[i].states, b[i].states));
    CHECK(same_bits(a[i].derivatives, b[i].derivatives));
  }
}

TEST_SUITE("io/crc32") {
  TEST_CASE("it gives the published check value and agrees with division bit by bit") {
    CHECK(crc32("123456789") == 0xCBF43926u);  // Oracle: the catalogue's check value.
    CHECK(crc32("") == 0);
    const std::string bytes = write_run(sample_run());
    CHECK(crc32(bytes) == slow_crc32(bytes));
  }
}

TEST_SUITE("io/run_file") {
  TEST_CASE("a run is read back bit for bit, with NaN, infinities and denormals") {
    const RunFile run = sample_run();
    const std::string bytes = write_run(run);
    const RunFile read = read_run(bytes);
    CHECK(read.config == run.config);
    REQUIRE(read.datasets.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(read.datasets[i].chart == run.datasets[i].chart);
      CHECK(read.datasets[i].degrees_of_freedom == run.datasets[i].degrees_of_freedom);
      check_same_part(read.datasets[i].train, run.datasets[i].train);
      check_same_part(read.datasets[i].test, run.datasets[i].test);
    }
    REQUIRE(read.models.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
      const ModelRecord &a = read.models[i], &b = run.models[i];
      CHECK(a.dataset == b.dataset);
      CHECK(a.spec.kind == b.spec.kind);
      CHECK(a.spec.degrees_of_freedom == b.spec.degrees_of_freedom);
      CHECK(a.spec.hidden == b.spec.hidden);
      CHECK(a.spec.activation == b.spec.activation);
      REQUIRE(a.spec.features.size() == b.spec.features.size());
      for (std::size_t k = 0; k < a.spec.features.size(); ++k) {
        CHECK(a.spec.features[k].periodic == b.spec.features[k].periodic);
        CHECK(a.spec.features[k].scale == b.spec.features[k].scale);
      }
      CHECK(a.spec.blocks == b.spec.blocks);
      CHECK(a.spec.block_time == b.spec.block_time);
      CHECK(a.options.loss == b.options.loss);
      CHECK(a.options.optimizer == b.options.optimizer);
      CHECK(a.options.schedule == b.options.schedule);
      CHECK(a.options.learning_rate == b.options.learning_rate);
      CHECK(a.options.momentum == b.options.momentum);
      CHECK(a.options.beta1 == b.options.beta1);
      CHECK(a.options.beta2 == b.options.beta2);
      CHECK(a.options.epsilon == b.options.epsilon);
      CHECK(a.options.weight_decay == b.options.weight_decay);
      CHECK(a.options.gradient_clip == b.options.gradient_clip);
      CHECK(a.options.warmup_steps == b.options.warmup_steps);
      CHECK(a.options.total_steps == b.options.total_steps);
      CHECK(a.options.batch_size == b.options.batch_size);
      CHECK(a.options.segment_length == b.options.segment_length);
      CHECK(a.options.substeps == b.options.substeps);
      CHECK(a.options.test_every == b.options.test_every);
      CHECK(a.options.seed == b.options.seed);
      CHECK(a.options.method == b.options.method);
      CHECK(a.options.relative_tolerance == b.options.relative_tolerance);
      CHECK(a.options.sensitivity == b.options.sensitivity);
      CHECK(a.options.checkpoints == b.options.checkpoints);
    }
    check_same_state<float>(std::get<0>(read.models[0].state),
                            std::get<0>(run.models[0].state));
    check_same_state<double>(std::get<1>(read.models[1].state),
                             std::get<1>(run.models[1].state));
    CHECK(write_run(read) == bytes);
  }

  TEST_CASE("an empty run, and a model without its data, can be kept too") {
    CHECK(read_run(write_run({})).models.empty());
    RunFile run = sample_run();
    run.datasets.clear();
    for (ModelRecord& record : run.models) record.dataset = -1;
    CHECK(read_run(write_run(run)).models.size() == 2);
  }

  TEST_CASE("the bytes are those of the format, on every platform") {
    // Oracle: written by hand from the description in the header.
    RunFile run;
    run.config = "seed=7";
    const std::string bytes = write_run(run);
    const std::string expected(
        "\x8cLAR\r\n\x1a\n\x01\0\0\0\x2a\0\0\0\0\0\0\0CONF\x06\0\0\0\0\0\0\0seed=7", 38);
    REQUIRE(bytes.size() == 42);
    CHECK(bytes.substr(0, 38) == expected);
    CHECK(sealed(bytes) == bytes);
  }

  TEST_CASE("every truncation is refused, and so are bytes too many") {
    const std::string bytes = write_run(sample_run());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      if (is_refused(std::string_view(bytes).substr(0, size))) continue;
      FAIL_CHECK("accepted the first " << size << " of " << bytes.size() << " bytes");
    }
    CHECK(contains(reason(std::string_view(bytes).substr(0, bytes.size() - 1)), "truncated"));
    CHECK(is_refused(bytes + '\0'));
  }

  TEST_CASE("every flipped bit is found") {
    std::string bytes = write_run(sample_run());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      for (int bit = 0; bit < 8; ++bit) {
        bytes[i] = static_cast<char>(bytes[i] ^ (1 << bit));
        if (!is_refused(bytes)) FAIL_CHECK("accepted bit " << bit << " of byte " << i);
        bytes[i] = static_cast<char>(bytes[i] ^ (1 << bit));
      }
    }
    CHECK_FALSE(is_refused(bytes));
  }

  TEST_CASE("lengths beyond the file are refused before anything is allocated for them") {
    // Each place in turn says something absurd, under a valid checksum: either it was no length
    // (then the file may be read), or it is refused in our words. std::bad_alloc, a crash, or
    // (in a sanitized build) a bad read would end the test.
    const std::string bytes = write_run(sample_run());
    int refused = 0;
    for (std::size_t i = 20; i + 8 <= bytes.size() - 4; ++i) {
      for (const std::uint64_t absurd :
           {std::uint64_t{1} << 61, ~std::uint64_t{0}, std::uint64_t{1} << 36}) {
        std::string changed = bytes;
        patch(changed, i, absurd);
        const std::string why = reason(sealed(changed));
        if (!why.empty()) ++refused;
        if (!why.empty() && why.substr(0, 10) != "Run file: ") FAIL_CHECK(why);
      }
    }
    CHECK(refused > 100);
  }

  TEST_CASE("a table whose size is a product is held against the bytes there as well") {
    RunFile run;
    run.datasets = {{Chart::kCanonical, 1, {}, {}}};
    constexpr Index kPoints = 5000;
    run.datasets[0].train = {
        {Vector::LinSpaced(kPoints, 0, 1), Matrix::Zero(2, kPoints), Matrix::Zero(2, kPoints)}};
    std::string bytes = write_run(run);
    const std::size_t name = bytes.find("canonical");
    REQUIRE(name != std::string::npos);
    patch<std::uint64_t>(bytes, name + 9, 1 << 10);  // Now 2¹¹ × 5000 numbers, 82 MB.
    CHECK(contains(reason(sealed(bytes)), "a table is 2048 × 5000, but only"));
  }

  TEST_CASE("a model of an older file, which names no solver, has the default one") {
    // Oracle: the file as it was written before, cut out of one of today.
    RunFile run = sample_run();
    run.models.erase(run.models.begin(), run.models.end() - 1);
    std::string bytes = write_run(run);
    const std::size_t added = 8 + 5 + 8 + 8 + 10 + 8;  // "tsit5", rtol, "checkpoint", 5
    const std::size_t section = bytes.rfind("MODL");
    REQUIRE(section != std::string::npos);
    patch<std::uint64_t>(bytes, section + 4, bytes.size() - 4 - (section + 12) - added);
    bytes.erase(bytes.size() - 4 - added, added);
    const RunFile read = read_run(sealed(bytes));
    CHECK(read.models[0].options.seed == run.models[0].options.seed);
    CHECK(read.models[0].options.method == TrainerOptions{}.method);
    CHECK(read.models[0].options.sensitivity == TrainerOptions{}.sensitivity);
  }

  TEST_CASE("the bytes of a full run do not change unnoticed") {
    // Oracle: golden file, kept as its checksum. Where this fails, either a field moved by
    // mistake, or kRunFileVersion has to grow.
    const std::string bytes = write_run(sample_run());
    CHECK(bytes.size() == 2505);
    CHECK(crc32(std::string_view(bytes).substr(0, bytes.size() - 4)) == 3519133898u);
  }

  TEST_CASE("a file of a future version says so, and that a newer build would help") {
    std::string bytes = write_run(sample_run());
    patch<std::uint32_t>(bytes, 8, 5);
    CHECK(contains(reason(sealed(bytes)), "format 5, this build reads up to 1"));
    patch<std::uint32_t>(bytes, 8, 0);
    CHECK(contains(reason(sealed(bytes)), "never existed"));
  }

  TEST_CASE(
      "another kind of file is recognised as such, and an oversized one is not looked at") {
    CHECK(contains(reason("part,trajectory,t,q1,p1\n"), "another kind of file"));
    CHECK(contains(reason("PNG"), "too few"));
    // Oracle: a view longer than what it points to; reading it would be found by a sanitizer.
    const std::string bytes = write_run({});
    const std::string why = reason(std::string_view(bytes.data(), kMaxRunFileBytes + 1));
    CHECK(contains(why, "at most 268435456"));
  }

  TEST_CASE("sections of unknown kinds are skipped, and a second config is refused") {
    RunFile run;
    run.config = "x";
    std::string bytes = write_run(run);
    const std::string extra("NOTE\x03\0\0\0\0\0\0\0abc", 15);
    CHECK(read_run(sealed(std::string(bytes).insert(20, extra))).config == "x");
    const std::string config = bytes.substr(20, 13);
    CHECK(contains(reason(sealed(bytes.insert(20, config))), "second config"));
  }

  TEST_CASE("contents that make no sense are refused, written or read") {
    RunFile run = sample_run();
    run.models[0].dataset = 2;
    CHECK_THROWS_WITH_AS(write_run(run), doctest::Contains("dataset 2, but there are 2"),
                         std::invalid_argument);
    run = sample_run();
    run.models[0].dataset = 1;  // Of two degrees of freedom.
    CHECK_THROWS_WITH_AS(write_run(run), doctest::Contains("degrees of freedom"),
                         std::invalid_argument);
    run = sample_run();
    run.datasets[0].train[0].derivatives.resize(2, 1);
    CHECK_THROWS_AS(write_run(run), std::invalid_argument);
    run = sample_run();
    run.datasets[0].train.push_back({Vector(0), Matrix(2, 0), Matrix(2, 0)});
    CHECK_THROWS_WITH_AS(write_run(run), doctest::Contains("no times"), std::invalid_argument);
    run = sample_run();
    run.models[1].options.momentum = 3;
    CHECK_THROWS_WITH_AS(read_run(write_run(run)), doctest::Contains("momentum is 3"),
                         std::invalid_argument);
    run = sample_run();
    run.models[1].spec.hidden = {0};
    CHECK_THROWS_WITH_AS(read_run(write_run(run)), doctest::Contains("MODL"),
                         std::invalid_argument);
    std::string bytes = write_run(sample_run());
    // The first trajectory's second time: after the chart, n, the number of trajectories, of
    // times.
    const std::size_t second_time = bytes.find("canonical") + 9 + 3 * 8 + 8;
    patch<std::uint64_t>(bytes, second_time, 0);
    CHECK(contains(reason(sealed(bytes)), "times[1] is 0; it must be greater than the 0"));
    patch<std::uint64_t>(bytes, second_time, 0x7ff8000000000000);  // NaN
    CHECK(contains(reason(sealed(bytes)), "times[1] is nan; it must be finite"));
    bytes = write_run(sample_run());
    const std::size_t name = bytes.find("softplus");
    REQUIRE(name != std::string::npos);
    bytes.replace(name, 8, "softmius");
    CHECK(contains(reason(sealed(bytes)), "softmius"));
  }

  TEST_CASE("a training saved in a file goes on as if it had not stopped") {
    // Oracle: the training that was not interrupted.
    const RunFile sample = sample_run();
    const ModelRecord& record = sample.models[0];
    const auto data = std::make_shared<Dataset>(sample.datasets[0]);
    const auto make = [&](const ModelSpec& spec, std::shared_ptr<const Dataset> on) {
      return Trainer<float>(make_model<float>(spec), std::move(on), record.options);
    };
    auto whole = make(record.spec, data);
    whole.advance({.steps = 70});
    auto first = make(record.spec, data);
    first.advance({.steps = 33});
    const RunFile file =
        read_run(write_run({"", {*data}, {{record.spec, record.options, 0, first.state()}}}));
    auto second = make(file.models[0].spec, std::make_shared<Dataset>(file.datasets[0]));
    second.set_state(std::get<Trainer<float>::State>(file.models[0].state));
    second.advance({.steps = 37});
    CHECK(second.theta() == whole.theta());
    CHECK(second.history().size() == whole.history().size());
    CHECK(second.train_loss() == whole.train_loss());
  }
}

}  // namespace
}  // namespace least_action
