#include <cstdio>
#include <cstring>

#include "bench.h"

namespace {

using namespace least_action::bench;

struct Group {
  const char* name;
  Benchmark run;
};

/// Every benchmark of the program.
constexpr Group kGroups[] = {
    {"networks", network_benchmarks},
    {"models", model_benchmarks},
    {"training", training_benchmarks},
    {"sensitivity", sensitivity_benchmarks},
};

#if defined(__EMSCRIPTEN__)
constexpr bool kWasm = true;
#else
constexpr bool kWasm = false;
#endif

}  // namespace

/// Runs every group, or those named on the command line.
int main(int argc, char** argv) {
  const Machine machine = measure_machine();
  std::printf("machine: FMA peak %.1f GF/s, Eigen sgemm %.1f GF/s (float, one thread)\n",
              machine.fma_gflops, machine.sgemm_gflops);
  std::printf("%-34s %10s %8s %7s %10s\n", "workload", "ms", "GF/s", "of FMA", "bound, ms");
  for (const Group& group : kGroups) {
    bool wanted = argc < 2;
    for (int i = 1; i < argc; ++i) wanted |= std::strcmp(argv[i], group.name) == 0;
    if (!wanted) continue;
    for (const Row& row : group.run(machine)) {
      std::printf("%-34s %10.4f", row.name.c_str(), row.milliseconds);
      if (row.flop > 0) {
        const double gflops = row.flop / (row.milliseconds * 1e6);
        std::printf(" %8.1f %6.0f%%", gflops, 100 * gflops / machine.fma_gflops);
      } else {
        std::printf(" %8s %7s", "", "");
      }
      const double target =
          kWasm ? row.wasm_target : row.native_target * 150 / machine.sgemm_gflops;
      if (target > 0) {
        std::printf(" %10.4f %s", target, row.milliseconds <= target ? "met" : "MISSED");
      }
      std::printf("\n");
    }
  }
  return 0;
}
