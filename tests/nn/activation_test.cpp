#include "nn/activation.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "nn/activation_kernels.h"
#include "nn/panels.h"

using namespace least_action;

namespace {

/// σ', σ'', σ''' by the kernels at z, through the passes' own interfaces.
template <class S>
struct KernelJet {
  std::vector<double> value, first, second, third;
};
template <class S>
KernelJet<S> kernel_jet(Activation activation, const std::vector<double>& z) {
  const Index n = simd::round_up<S>(static_cast<Index>(z.size()));
  AlignedBuffer<S> a(n), p(n), one(n), zero(n), out(n), b(n), c(n), d(n), e(n);
  for (Index i = 0; i < n; ++i) {
    a.data()[i] = static_cast<S>(z[std::min(static_cast<std::size_t>(i), z.size() - 1)]);
    one.data()[i] = 1;
  }
  kernels::activate(activation, n, a.data(), p.data());
  KernelJet<S> jet;
  const auto read = [&](const AlignedBuffer<S>& from) {
    return std::vector<double>(from.data(), from.data() + z.size());
  };
  jet.value = read(a);
  kernels::times_first(activation, n, a.data(), p.data(), one.data(), out.data());
  jet.first = read(out);
  kernels::tangent_adjoint<S>(activation, n, a.data(), p.data(), nullptr, one.data(),
                              one.data(), out.data());
  jet.second = read(out);
  // With z^b = z^c = ē = 1 and everything else 0, z̄ = σ'''.
  kernels::mixed_adjoint<S>(
      activation, n,
      {a.data(), p.data(), one.data(), one.data(), zero.data(), one.data(), nullptr, nullptr,
       nullptr, b.data(), c.data(), d.data(), e.data()});
  jet.third = read(b);
  return jet;
}

template <class S>
void check_kernels(double reach, double value_ulps, double derivative_ulps) {
  std::vector<double> z;
  for (double x = -reach; x <= reach; x += reach / 997) z.push_back(double(S(x)));
  for (double x = 1e-6; x < reach; x *= 1.7) {
    z.push_back(double(S(x)));
    z.push_back(double(S(-x)));
  }
  const double eps = std::numeric_limits<S>::epsilon();
  for (const Activation activation : kActivations) {
    const KernelJet<S> got = kernel_jet<S>(activation, z);
    double worst_value = 0, worst_derivative = 0;
    for (std::size_t i = 0; i < z.size(); ++i) {
      const ActivationJet want = activation_jet(activation, z[i]);
      // Relative, with the C library's argument reduction limiting a sine near its zeros; where
      // float has flushed to zero the difference is under its smallest normal number.
      const double tiny = std::numeric_limits<S>::min();
      const double scale = activation == Activation::kSine ? 1 : std::abs(want.value);
      worst_value =
          std::max(worst_value, (std::abs(got.value[i] - want.value) - tiny) / (eps * scale));
      for (const double error : {got.first[i] - want.first, got.second[i] - want.second,
                                 got.third[i] - want.third}) {
        worst_derivative = std::max(worst_derivative, std::abs(error) / eps);
      }
    }
    INFO(name(activation), " worst value ", worst_value, " ulp, derivative ", worst_derivative);
    CHECK(worst_value < value_ulps);
    CHECK(worst_derivative < derivative_ulps);
  }
}

}  // namespace

TEST_SUITE("nn/activation") {
  TEST_CASE("each derivative is the finite difference of the one before") {
    // Oracle: central finite difference, error O(h²) + ε/h.
    const double h = 1e-5;
    for (const Activation activation : kActivations) {
      for (double z = -4; z <= 4; z += 0.37) {
        INFO(name(activation), " at ", z);
        const ActivationJet at = activation_jet(activation, z);
        const ActivationJet ahead = activation_jet(activation, z + h);
        const ActivationJet behind = activation_jet(activation, z - h);
        CHECK(std::abs((ahead.value - behind.value) / (2 * h) - at.first) < 1e-9);
        CHECK(std::abs((ahead.first - behind.first) / (2 * h) - at.second) < 1e-9);
        CHECK(std::abs((ahead.second - behind.second) / (2 * h) - at.third) < 1e-9);
      }
    }
  }

  TEST_CASE("the vector kernels agree with the C library to a few units in the last place") {
    // Oracle: independent implementation (activation_jet).
    check_kernels<float>(86, 4, 40);
    check_kernels<double>(700, 6, 60);
  }

  TEST_CASE("huge arguments saturate and NaN stays NaN") {
    // Oracle: analytic limits.
    const double huge = 1e30, nan = std::nan("");
    for (const Activation activation : kActivations) {
      INFO(name(activation));
      const KernelJet<float> jet = kernel_jet<float>(activation, {huge, -huge, nan, 0.5});
      CHECK(std::isnan(jet.value[2]));
      CHECK(std::isnan(jet.first[2]));
      CHECK(std::isfinite(jet.value[3]));
      if (activation == Activation::kSine) {
        CHECK(jet.value[0] == doctest::Approx(std::sin(double(1e30f))));
        continue;
      }
      const bool linear = activation != Activation::kTanh;
      CHECK(jet.value[0] == (linear ? double(1e30f) : 1.0));
      CHECK(jet.value[1] == (linear ? 0.0 : -1.0));
      CHECK(std::abs(jet.first[0] - (linear ? 1 : 0)) < 1e-30);
      CHECK(std::abs(jet.first[1]) < 1e-30);
      CHECK(std::abs(jet.second[0]) < 1e-30);
      CHECK(std::abs(jet.third[1]) < 1e-30);
    }
  }

  TEST_CASE("a name finds its activation and a wrong one suggests") {
    for (const Activation activation : kActivations)
      CHECK(activation_named(name(activation)) == activation);
    CHECK_THROWS_WITH_AS(activation_named("sotplus"),
                         "activation_named: no activation is called \"sotplus\", did you mean "
                         "\"softplus\"?; known: tanh, softplus, sine, silu",
                         std::invalid_argument);
  }
}
