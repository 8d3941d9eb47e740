#pragma once

#include <emscripten/val.h>

#include <memory>
#include <string>

#include "session/observations.h"

namespace least_action::web {

/// Charts cross as 0 (canonical) and 1 (velocity), the order of their names in JavaScript.
inline Chart chart_of(int number) { return number == 0 ? Chart::kCanonical : Chart::kVelocity; }

/// A dataset behind the boundary. Immutable, and shared with whatever trains on it.
class RawDataset final {
 public:
  explicit RawDataset(Dataset dataset)
      : dataset_(std::make_shared<const Dataset>(std::move(dataset))) {}
  static emscripten::val from_csv(const std::string& text);

  emscripten::val description() const;
  emscripten::val csv() const;
  /// The states in a chart of the system named so, with those values
  /// of its parameters.
  emscripten::val in_chart(int chart, const std::string& system,
                           const emscripten::val& values) const;
  /// output: number of points, times, states, derivatives of each trajectory of a part (0:
  /// train, 1: test), one after another. header: where, number of trajectories.
  int part(int of_test_part) const;

  const std::shared_ptr<const Dataset>& dataset() const { return dataset_; }

 private:
  std::shared_ptr<const Dataset> dataset_;
};

}  // namespace least_action::web
