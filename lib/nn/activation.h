#pragma once

#include <array>
#include <string_view>

#include "base/types.h"

namespace least_action {

/// Smooth activations σ of the hidden layers. Smoothness is not a taste here: a Lagrangian
/// network's gradient needs σ‴, so ReLU has no place.
enum class Activation { kTanh, kSoftplus, kSine, kSilu };

inline constexpr std::array kActivations{Activation::kTanh, Activation::kSoftplus,
                                         Activation::kSine, Activation::kSilu};

/// "tanh", "softplus", "sine", "silu".
std::string_view name(Activation activation);

/// The activation called `text`; throws std::invalid_argument naming the known ones.
Activation activation_named(std::string_view text);

/// σ and its first three derivatives at one point, all from one transcendental.
///
///   tanh:      σ' = 1 − σ²,           σ'' = −2σσ',       σ''' = σ'(6σ² − 2)
///   softplus:  σ' = s,                σ'' = s(1 − s),    σ''' = s(1 − s)(1 − 2s),  s =
///   1/(1+e^{−z}) sine:      σ' = cos z,            σ'' = −sin z,      σ''' = −cos z SiLU: σ =
///   z s, σ' = s + z s(1 − s), …
///
/// A reference implementation in the C++ library's functions (the oracle of the vector
/// kernels).
struct ActivationJet {
  double value, first, second, third;
};
ActivationJet activation_jet(Activation activation, double z);

}  // namespace least_action
