// Components that were not observed, in files.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <stdexcept>

#include "io/csv.h"
#include "io/run_file.h"

namespace least_action {
namespace {

bool same_bits(const Matrix& a, const Matrix& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() &&
         std::memcmp(a.data(), b.data(), sizeof(double) * static_cast<std::size_t>(a.size())) ==
             0;
}

void check_same_bits(const std::vector<Trajectory>& a, const std::vector<Trajectory>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(same_bits(a[i].times, b[i].times));
    CHECK(same_bits(a[i].states, b[i].states));
    CHECK(same_bits(a[i].derivatives, b[i].derivatives));
  }
}

Dataset half_seen() {
  const auto system = make_system("henon-heiles");
  return sample_dataset(*system, Chart::kVelocity,
                        {.trajectories = 3, .samples = 6, .missing_fraction = 0.5});
}

TEST_SUITE("io: missing components") {
  TEST_CASE("a run file and a table keep what is missing, and the rest, bit for bit") {
    const Dataset data = half_seen();
    REQUIRE(Dataset::num_missing(data.train) > 5);
    const RunFile run = read_run(write_run({"", {data}, {}}));
    REQUIRE(run.datasets.size() == 1);
    check_same_bits(run.datasets[0].train, data.train);
    check_same_bits(run.datasets[0].test, data.test);

    const std::string table = write_dataset_csv(data);
    CHECK(table.find("nan") == std::string::npos);
    const Dataset read = read_dataset_csv(table);
    check_same_bits(read.train, data.train);
    check_same_bits(read.test, data.test);
  }

  TEST_CASE("in a table an empty field is missing, but not in part, trajectory or t") {
    const std::string header = "part,trajectory,t,q1,p1,dq1,dp1\n";
    const Dataset data = read_dataset_csv(header + "train,0,0,1,,3,\ntrain,0,1,,,,\n");
    const Trajectory& trajectory = data.train.at(0);
    CHECK(trajectory.states(0, 0) == 1);
    CHECK(std::isnan(trajectory.states(1, 0)));
    CHECK(trajectory.derivatives(0, 0) == 3);
    CHECK(std::isnan(trajectory.derivatives(1, 0)));
    CHECK(trajectory.states.col(1).array().isNaN().all());
    CHECK_THROWS_WITH_AS(read_dataset_csv(header + "train,0,,1,2,3,4\n"),
                         "Dataset CSV: line 2: t is \"\"; it must be a finite number",
                         std::invalid_argument);
    CHECK_THROWS_AS(read_dataset_csv(header + ",0,0,1,2,3,4\n"), std::invalid_argument);
    CHECK_THROWS_AS(read_dataset_csv(header + "train,,0,1,2,3,4\n"), std::invalid_argument);
    CHECK_THROWS_WITH_AS(read_dataset_csv(header + "train,0,0,1, ,3,4\n"),
                         "Dataset CSV: line 2: p1 is \" \"; it must be a finite number, or "
                         "empty where it was not observed",
                         std::invalid_argument);
    CHECK_THROWS_AS(read_dataset_csv(header + "train,0,0,1,inf,3,4\n"), std::invalid_argument);
  }
}

}  // namespace
}  // namespace least_action
