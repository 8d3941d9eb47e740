#include <Eigen/Core>
#include <algorithm>
#include <chrono>
#include <ctime>

#include "bench.h"

#if defined(__EMSCRIPTEN__)
#include <emscripten.h>
// EM_ASM's own expansion.
#pragma clang diagnostic ignored "-Wdollar-in-identifier-extension"
#pragma clang diagnostic ignored "-Wgnu-zero-variadic-macro-arguments"
#endif

namespace least_action::bench {
namespace {

double now() {
#if defined(__EMSCRIPTEN__)
  // Node's own count; elsewhere there is only the wall clock. (No ===: clang-format splits it.)
  return EM_ASM_DOUBLE({
    if (!globalThis.process) return performance.now();
    const used = globalThis.process.cpuUsage();
    return (used.user + used.system) / 1000;
  });
#elif defined(CLOCK_THREAD_CPUTIME_ID)
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
#else
  using Milliseconds = std::chrono::duration<double, std::milli>;
  return Milliseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
#endif
}

#if defined(__AVX512F__)
constexpr int kBytes = 64, kChains = 16;
#elif defined(__AVX__)
constexpr int kBytes = 32, kChains = 12;
#else
constexpr int kBytes = 16, kChains = 12;
#endif
typedef float Lanes __attribute__((vector_size(kBytes)));

#if defined(__clang__)
#define BENCH_UNROLL _Pragma("clang loop unroll(full)")
#else
#define BENCH_UNROLL _Pragma("GCC unroll 32")
#endif

// Read and written through volatile so that nothing is folded away.
volatile float factor = 0.999999f, sink = 0;

double fma_peak() {
  constexpr int kRounds = 20000;
  const Lanes m = Lanes{} + factor;
  const double ms = median_milliseconds([&] {
    Lanes chain[kChains];
    BENCH_UNROLL
    for (int i = 0; i < kChains; ++i) chain[i] = Lanes{} + static_cast<float>(i);
    for (int round = 0; round < kRounds; ++round) {
      BENCH_UNROLL
      for (int i = 0; i < kChains; ++i) {
#if defined(__FMA__)
        asm("vfmadd213ps %1, %1, %0" : "+v"(chain[i]) : "v"(m));
#else
        chain[i] = chain[i] * m + m;
#endif
      }
    }
    float sum = 0;
    BENCH_UNROLL
    for (int i = 0; i < kChains; ++i) sum += chain[i][0];
    sink = sum;
  });
  return 2.0 * kRounds * kChains * (kBytes / 4) / (ms * 1e6);
}

double sgemm_peak() {
  constexpr int kSize = 512;
  const Eigen::MatrixXf a = Eigen::MatrixXf::Random(kSize, kSize);
  const Eigen::MatrixXf b = Eigen::MatrixXf::Random(kSize, kSize);
  Eigen::MatrixXf c(kSize, kSize);
  const double ms = median_milliseconds([&] { c.noalias() = a * b; });
  return 2.0 * kSize * kSize * kSize / (ms * 1e6);
}

}  // namespace

double median_milliseconds(const std::function<void()>& call, int samples) {
  call();
  const double start = now();
  int calls = 0;
  double once = 0;
  do {
    call();
    once = (now() - start) / ++calls;
  } while (once * calls < 10);
  calls = std::max(1, static_cast<int>(20 / once));
  std::vector<double> times;
  for (int i = 0; i < samples; ++i) {
    const double begin = now();
    for (int j = 0; j < calls; ++j) call();
    times.push_back((now() - begin) / calls);
  }
  std::nth_element(times.begin(), times.begin() + samples / 2, times.end());
  return times[static_cast<std::size_t>(samples / 2)];
}

Machine measure_machine() { return {fma_peak(), sgemm_peak()}; }

}  // namespace least_action::bench
