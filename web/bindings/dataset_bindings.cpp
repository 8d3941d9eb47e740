#include <emscripten/bind.h>

#include <algorithm>

#include "mailbox.h"
#include "raw_dataset.h"
#include "session/session.h"

namespace least_action::web {

using emscripten::val;

namespace {

/// A dataset in the making, a trajectory at a time.
class RawObservations final {
 public:
  RawObservations(int chart, int degrees_of_freedom) {
    observations_.chart = chart_of(chart);
    observations_.degrees_of_freedom = degrees_of_freedom;
  }
  /// input: times (points), states (dimension × points), derivatives, if any.
  int add(bool of_test_part, int points, bool with_derivatives) {
    return status([&] {
      const Index dimension = 2 * observations_.degrees_of_freedom;
      const double* from = mailbox().input.data();
      Trajectory trajectory;
      trajectory.times = Eigen::Map<const Vector>(from, points);
      from += points;
      trajectory.states = Eigen::Map<const Matrix>(from, dimension, points);
      from += dimension * points;
      if (with_derivatives)
        trajectory.derivatives = Eigen::Map<const Matrix>(from, dimension, points);
      auto& part = of_test_part ? observations_.test : observations_.train;
      part.push_back(std::move(trajectory));
    });
  }
  /// The dataset; nothing is left here.
  val finish(bool estimate_derivatives, double test_fraction) {
    return answer([&] {
      return val(std::make_shared<RawDataset>(
          make_dataset(std::move(observations_), estimate_derivatives, test_fraction)));
    });
  }

 private:
  Observations observations_;
};

}  // namespace

val RawDataset::from_csv(const std::string& text) {
  return answer([&] {
    return val(
        std::make_shared<RawDataset>(reading_file([&] { return dataset_from_csv(text); })));
  });
}

val RawDataset::description() const {
  return answer([&] {
    val object = val::object();
    object.set("chart", static_cast<int>(dataset_->chart));
    object.set("degreesOfFreedom", static_cast<double>(dataset_->degrees_of_freedom));
    object.set("numTrain", static_cast<double>(Dataset::num_samples(dataset_->train)));
    object.set("numTest", static_cast<double>(Dataset::num_samples(dataset_->test)));
    return object;
  });
}

val RawDataset::csv() const {
  return answer([&] { return val(dataset_csv(*dataset_)); });
}

val RawDataset::in_chart(int chart, const std::string& system, const val& values) const {
  return answer([&] {
    const std::unique_ptr<System> truth = make_system(system, numbers(values));
    return val(
        std::make_shared<RawDataset>(dataset_in_chart(*dataset_, *truth, chart_of(chart))));
  });
}

int RawDataset::part(int of_test_part) const {
  return status([&] {
    const auto& trajectories = of_test_part ? dataset_->test : dataset_->train;
    std::size_t total = 0;
    for (const Trajectory& each : trajectories)
      total += static_cast<std::size_t>(1 + each.times.size() + 2 * each.states.size());
    double* to = mailbox().output.reserve(total);
    mailbox().header[0] = address(to);
    mailbox().header[1] = static_cast<double>(trajectories.size());
    for (const Trajectory& each : trajectories) {
      *to++ = static_cast<double>(each.times.size());
      to = std::copy(each.times.begin(), each.times.end(), to);
      to = std::copy_n(each.states.data(), each.states.size(), to);
      to = std::copy_n(each.derivatives.data(), each.derivatives.size(), to);
    }
  });
}

namespace {

EMSCRIPTEN_BINDINGS(least_action_dataset) {
  emscripten::class_<RawObservations>("RawObservations")
      .constructor<int, int>()
      .function("add", &RawObservations::add)
      .function("finish", &RawObservations::finish);
  emscripten::class_<RawDataset>("RawDataset")
      .smart_ptr<std::shared_ptr<RawDataset>>("RawDataset")
      .class_function("fromCsv", &RawDataset::from_csv)
      .function("description", &RawDataset::description)
      .function("csv", &RawDataset::csv)
      .function("inChart", &RawDataset::in_chart)
      .function("part", &RawDataset::part);
}

}  // namespace
}  // namespace least_action::web
