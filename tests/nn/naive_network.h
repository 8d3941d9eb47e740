#pragma once

#include <cmath>
#include <vector>

#include "nn/activation.h"
#include "nn/mlp.h"

/// The oracle of the network passes: the definition of the network as plain loops over a scalar
/// type T, evaluated on nested dual numbers. It shares no code with lib/nn but `activation_jet`
/// (tested against finite differences) and the layout.
namespace least_action::testing {

/// v + ε d with ε² = 0. Nesting gives mixed derivatives: Dual<Dual<Dual<double>>> has third
/// ones.
template <class T>
struct Dual {
  T v{}, d{};
};
template <class T>
Dual<T> operator+(const Dual<T>& x, const Dual<T>& y) {
  return {x.v + y.v, x.d + y.d};
}
template <class T>
Dual<T> operator*(const Dual<T>& x, const Dual<T>& y) {
  return {x.v * y.v, x.v * y.d + x.d * y.v};
}

template <class T>
struct Lift {
  static T constant(double value) { return {Lift<decltype(T{}.v)>::constant(value), {}}; }
};
template <>
struct Lift<double> {
  static double constant(double value) { return value; }
};

/// The `order`-th derivative of σ.
inline double derivative(Activation activation, int order, double z) {
  const ActivationJet jet = activation_jet(activation, z);
  // The cosine of a periodic input is σ' of a sine: its third derivative is σ'''' = σ.
  const double fourth = activation == Activation::kSine ? jet.value : std::nan("");
  const double all[] = {jet.value, jet.first, jet.second, jet.third, fourth};
  return all[order];
}
template <class T>
Dual<T> derivative(Activation activation, int order, const Dual<T>& z) {
  return {derivative(activation, order, z.v), derivative(activation, order + 1, z.v) * z.d};
}

/// f(x; θ).
template <class T>
std::vector<T> naive_network(const MlpLayout& layout, const std::vector<T>& theta,
                             const std::vector<T>& x) {
  std::vector<T> a;
  for (Index i = 0; i < layout.inputs; ++i) {
    const T xi = x[static_cast<std::size_t>(i)];
    const InputFeature feature =
        layout.features.empty() ? InputFeature{} : layout.features[static_cast<std::size_t>(i)];
    if (feature.periodic) {
      a.push_back(derivative(Activation::kSine, 0, xi));
      a.push_back(derivative(Activation::kSine, 1, xi));
    } else {
      a.push_back(Lift<T>::constant(feature.scale) * xi);
    }
  }
  std::vector<Index> widths = layout.hidden;
  widths.push_back(layout.outputs);
  std::size_t offset = 0;
  for (std::size_t k = 0; k < widths.size(); ++k) {
    const auto rows = static_cast<std::size_t>(widths[k]);
    std::vector<T> next;
    for (std::size_t r = 0; r < rows; ++r) {
      T z = theta[offset + rows * a.size() + r];
      for (std::size_t c = 0; c < a.size(); ++c) z = z + theta[offset + c * rows + r] * a[c];
      const bool last = k + 1 == widths.size();
      next.push_back(last ? z : derivative(layout.activation, 0, z));
    }
    offset += rows * (a.size() + 1);
    a = next;
  }
  return a;
}

}  // namespace least_action::testing
