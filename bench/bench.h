#pragma once

#include <functional>
#include <string>
#include <vector>

namespace least_action::bench {

/// What the machine can do, measured in the same run (one thread, float).
struct Machine {
  double fma_gflops;    ///< Peak of independent multiply–adds in registers.
  double sgemm_gflops;  ///< Eigen's matrix product, 512³.
};

/// One row of the table. `flop` counts the matrix products only.
struct Row {
  std::string name;
  double milliseconds = 0;
  double flop = 0;
  /// The bound of this workload, 0 for none: natively on a machine whose sgemm peaks at
  /// 150 GF/s (scaled to this one), and in WebAssembly as it is.
  double native_target = 0, wasm_target = 0;
};

/// A group of rows. Add one to the table in main.cpp.
using Benchmark = std::vector<Row> (*)(const Machine&);

/// The median time of one call in milliseconds: after a warm-up, `samples` samples of as many
/// calls as take about 20 ms. Processor time of this thread where the system counts it, so that
/// other programs disturb little; wall time elsewhere.
double median_milliseconds(const std::function<void()>& call, int samples = 15);

Machine measure_machine();

// The benchmarks, each in its own file.
std::vector<Row> network_benchmarks(const Machine& machine);
std::vector<Row> model_benchmarks(const Machine& machine);
std::vector<Row> training_benchmarks(const Machine& machine);
std::vector<Row> sensitivity_benchmarks(const Machine& machine);

}  // namespace least_action::bench
