#pragma once

#include "nn/activation.h"

/// The elementwise halves of the passes, on contiguous arrays of n elements (n a multiple of
/// the lane count). The first pass keeps a = σ(z) and one companion value p from the same
/// transcendental, and σ', σ'', σ''' are polynomials of the two:
///
///   tanh: p = σ';   softplus and SiLU: p = s = 1/(1 + e^{−z});   sine: p = cos z.
///
/// Private to lib/nn.
namespace least_action::kernels {

/// a: z in, σ(z) out. Writes p.
template <class S>
void activate(Activation activation, Index n, S* a, S* p);

/// out = σ' x. (Tangent ȧ = σ' ż, adjoint z̄ = σ' ā.)
template <class S>
void times_first(Activation activation, Index n, const S* a, const S* p, const S* x, S* out);

/// out = σ' ā + σ'' ż ē: the value channel's adjoint of a first directional derivative.
/// `a_bar` may be null (zero: the top of the network).
template <class S>
void tangent_adjoint(Activation activation, Index n, const S* a, const S* p, const S* a_bar,
                     const S* z_tangent, const S* e, S* out);

/// out = σ' ā + σ'' s: the same where s = Σⱼ żʲ ǡʲ sums over several directions.
template <class S>
void value_adjoint(Activation activation, Index n, const S* a, const S* p, const S* a_bar,
                   const S* s, S* out);

/// a^e = σ' z^e + σ'' z^b z^c: the mixed coefficient of t₁t₂; also a^b = σ' z^b, a^c = σ' z^c.
template <class S>
struct MixedTangent {
  const S *a, *p, *z_b, *z_c, *z_e;
  S *a_b, *a_c, *a_e;
};
template <class S>
void mixed_tangent(Activation activation, Index n, const MixedTangent<S>& at);

/// The adjoints of the four channels, e being the adjoint of a^e:
///   z̄^e = σ'ē,  z̄^b = σ'ā^b + σ''z^c ē,  z̄^c = σ'ā^c + σ''z^b ē,
///   z̄ = σ'ā + σ''(z^b ā^b + z^c ā^c + z^e ē) + σ'''z^b z^c ē.
/// Null a_bar, a_bar_b and a_bar_c are zero (all three together: the top of the network).
template <class S>
struct MixedAdjoint {
  const S *a, *p, *z_b, *z_c, *z_e, *e;
  const S *a_bar, *a_bar_b, *a_bar_c;
  S *z_bar, *z_bar_b, *z_bar_c, *z_bar_e;
};
template <class S>
void mixed_adjoint(Activation activation, Index n, const MixedAdjoint<S>& at);

/// The feature map's sine and cosine.
template <class S>
void sine_cosine(Index n, const S* x, S* sine, S* cosine);

}  // namespace least_action::kernels
