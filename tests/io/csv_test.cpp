#include "io/csv.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "io/sample_run.h"

namespace least_action {
namespace {

std::string reason(const std::string& text) {
  try {
    read_dataset_csv(text);
    return {};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

const std::string kTable =
    "part,trajectory,t,q1,p1,dq1,dp1\n"
    "train,0,0,1,2,3,4\n"
    "train,0,0.5,-1,0.1,1e-20,7\n"
    "train,1,0,5,6,7,8\n"
    "test,0,0.25,1.5,2.5,3.5,4.5\n";

TEST_SUITE("io/csv") {
  TEST_CASE("a dataset is written as the table described") {
    // Oracle: written by hand.
    const auto trajectory = [](std::initializer_list<double> times, const Matrix& table) {
      Trajectory t{Vector(static_cast<Index>(times.size())), table.topRows(2),
                   table.bottomRows(2)};
      std::copy(times.begin(), times.end(), t.times.begin());
      return t;
    };
    Matrix first(4, 2), second(4, 1), third(4, 1);
    first << 1, -1, 2, 0.1, 3, 1e-20, 4, 7;
    second << 5, 6, 7, 8;
    third << 1.5, 2.5, 3.5, 4.5;
    const Dataset dataset{Chart::kCanonical,
                          1,
                          {trajectory({0, 0.5}, first), trajectory({0}, second)},
                          {trajectory({0.25}, third)}};
    CHECK(write_dataset_csv(dataset) == kTable);
  }

  TEST_CASE("a dataset reads back bit for bit, in either chart") {
    for (const Dataset& dataset : testing::sample_run().datasets) {
      const Dataset read = read_dataset_csv(write_dataset_csv(dataset));
      CHECK(read.chart == dataset.chart);
      CHECK(read.degrees_of_freedom == dataset.degrees_of_freedom);
      for (const auto part : {&Dataset::train, &Dataset::test}) {
        const auto &a = read.*part, &b = dataset.*part;
        REQUIRE(a.size() == b.size());
        for (std::size_t i = 0; i < a.size(); ++i) {
          CHECK(a[i].times == b[i].times);
          CHECK(a[i].states == b[i].states);
          CHECK(a[i].derivatives == b[i].derivatives);
        }
      }
    }
  }

  TEST_CASE("a table from a spreadsheet reads alike: byte-order mark, CR LF, empty lines") {
    std::string foreign = "\xef\xbb\xbf";
    for (const char c : kTable)
      foreign += c == '\n' ? std::string("\r\n\r\n") : std::string(1, c);
    foreign.resize(foreign.size() - 4);  // No line end after the last line either.
    CHECK(write_dataset_csv(read_dataset_csv(foreign)) == kTable);
  }

  TEST_CASE("the first thing that is wrong is told with its line") {
    const auto with = [](const std::string& from, const std::string& to) {
      std::string text = kTable;
      const std::size_t at = text.find(from);
      REQUIRE(at != std::string::npos);
      return text.replace(at, from.size(), to);
    };
    struct Case {
      std::string text, expected;
    };
    const Case cases[] = {
        {"", "Dataset CSV: it is empty"},
        {with("dp1", "dp2"), "line 1: the header is not part,trajectory,t,q1,p1,dq1,dp1 or"},
        {with("q1,", ""), "line 1: the header has 6 columns"},
        {with("train,0,0,", "valid,0,0,"), "line 2: part is \"valid\""},
        {with("0.1", "abc"), "line 3: p1 is \"abc\""},
        {with("0.1", "nan"), "line 3: p1 is \"nan\""},
        {with("0.1", " "), "line 3: p1 is \" \""},
        {with("0.5", ""), "line 3: t is \"\""},
        {with("0.1", "0.1,9"), "line 3: it has 8 columns, but the header has 7"},
        {with("0.5", "0"), "line 3: t is 0, not after the 0"},
        {with("train,1", "train,2"), "line 4: trajectory is 2; expected 1"},
        {with("train,1", "train,x"), "line 4: trajectory is \"x\""},
        {with("test,0", "train,0"), "line 5: trajectory is 0; expected 2"},
        {with("test,0", "test,1"), "line 5: trajectory is 1; expected 0"},
    };
    for (const Case& c : cases) {
      const std::string why = reason(c.text);
      CAPTURE(why);
      CAPTURE(c.expected);
      CHECK(why.find(c.expected) != std::string::npos);
    }
  }

  TEST_CASE("a learning curve is written as the table described") {
    constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
    const std::string text =
        write_history_csv({{"hnn", {{20, 0.5, kNaN, 0.001}, {40, 0.25, -kNaN, 0.0005}}},
                           {"a \"b\", c", {{20, 1, 2, 0.5}}}});
    CHECK(text ==
          "model,step,train_loss,test_loss,learning_rate\n"
          "hnn,20,0.5,nan,0.001\n"
          "hnn,40,0.25,nan,0.0005\n"
          "\"a \"\"b\"\", c\",20,1,2,0.5\n");
  }
}

}  // namespace
}  // namespace least_action
