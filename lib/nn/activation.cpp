#include "nn/activation.h"

#include <cmath>
#include <iterator>
#include <string>

#include "base/contract.h"
#include "base/unknown_name.h"

namespace least_action {

std::string_view name(Activation activation) {
  switch (activation) {
    case Activation::kTanh:
      return "tanh";
    case Activation::kSoftplus:
      return "softplus";
    case Activation::kSine:
      return "sine";
    case Activation::kSilu:
      return "silu";
  }
  return "unknown";
}

Activation activation_named(std::string_view text) {
  for (const Activation activation : kActivations) {
    if (name(activation) == text) return activation;
  }
  fail_unknown("activation_named", "activation", text,
               names_of(kActivations, [](Activation each) { return name(each); }));
}

ActivationJet activation_jet(Activation activation, double z) {
  // e^{−|z|} never overflows; s and 1 − s both keep their relative accuracy from it.
  const double e = std::exp(-std::abs(z));
  const double s = (z < 0 ? e : 1) / (1 + e);
  const double r = (z < 0 ? 1 : e) / (1 + e);  // 1 − s
  const double q = s * r;                      // s'
  switch (activation) {
    case Activation::kTanh: {
      const double value = std::tanh(z);
      const double cosh = std::cosh(z);
      const double first = std::isinf(cosh) ? 0 : 1 / cosh / cosh;
      return {value, first, -2 * value * first, first * (6 * value * value - 2)};
    }
    case Activation::kSoftplus:
      return {(z > 0 ? z : 0) + std::log1p(e), s, q, q * (r - s)};
    case Activation::kSine:
      return {std::sin(z), std::cos(z), -std::sin(z), -std::cos(z)};
    case Activation::kSilu:
      // q' = q(1 − 2s), q'' = q(1 − 6q); where s underflows z s is 0, not ∞ · 0.
      if (std::isinf(z)) return {z > 0 ? z : 0, z > 0 ? 1.0 : 0.0, 0, 0};
      return {z * s, s + z * q, 2 * q + z * q * (r - s), 3 * q * (r - s) + z * q * (1 - 6 * q)};
  }
  return {};
}

}  // namespace least_action
