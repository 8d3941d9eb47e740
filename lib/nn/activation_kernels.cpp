#include "nn/activation_kernels.h"

#include "nn/vector_math.h"

namespace least_action::kernels {
namespace {

using simd::kLanes;
using simd::load;
using simd::store;
using simd::Vec;

template <class S>
struct Tanh {
  using V = Vec<S>;
  static void evaluate(V z, V& a, V& p) { simd::tanh<S>(z, a, p); }
  static V first(V, V p) { return p; }
  static V second(V a, V p) { return S(-2) * a * p; }
  static V third(V a, V p) { return p * (S(6) * a * a - S(2)); }
};

template <class S>
struct Softplus {
  using V = Vec<S>;
  static void evaluate(V z, V& a, V& p) { simd::softplus<S>(z, a, p); }
  static V first(V, V p) { return p; }
  static V second(V, V p) { return p * (S(1) - p); }
  static V third(V, V p) { return p * (S(1) - p) * (S(1) - S(2) * p); }
};

template <class S>
struct Sine {
  using V = Vec<S>;
  static void evaluate(V z, V& a, V& p) { simd::sin_cos<S>(z, a, p); }
  static V first(V, V p) { return p; }
  static V second(V a, V) { return -a; }
  static V third(V, V p) { return -p; }
};

// With z s = a, q = s(1 − s): σ' = s + a(1 − s), σ'' = 2q + a(1 − s)(1 − 2s),
// σ''' = 3q(1 − 2s) + a(1 − s)(1 − 6q).
template <class S>
struct Silu {
  using V = Vec<S>;
  static void evaluate(V z, V& a, V& p) {
    V e;
    simd::logistic<S>(z, p, e);
    // −∞ · 0 would be NaN; z s is far below rounding there.
    a = simd::select<S>(z < S(-1000), V{}, z) * p;
  }
  static V first(V a, V p) { return p + a * (S(1) - p); }
  static V second(V a, V p) { return (S(1) - p) * (S(2) * p + a * (S(1) - S(2) * p)); }
  static V third(V a, V p) {
    const V q = p * (S(1) - p);
    return (S(1) - p) * (S(3) * p * (S(1) - S(2) * p) + a * (S(1) - S(6) * q));
  }
};

/// Calls body with the functions of one activation.
template <class S, class Body>
void with(Activation activation, Body&& body) {
  switch (activation) {
    case Activation::kTanh:
      return body(Tanh<S>{});
    case Activation::kSoftplus:
      return body(Softplus<S>{});
    case Activation::kSine:
      return body(Sine<S>{});
    case Activation::kSilu:
      return body(Silu<S>{});
  }
}

}  // namespace

template <class S>
void activate(Activation activation, Index n, S* a, S* p) {
  with<S>(activation, [=](auto f) {
    for (Index i = 0; i < n; i += kLanes<S>) {
      Vec<S> value, companion;
      f.evaluate(load(a + i), value, companion);
      store<S>(a + i, value);
      store<S>(p + i, companion);
    }
  });
}

template <class S>
void times_first(Activation activation, Index n, const S* a, const S* p, const S* x, S* out) {
  with<S>(activation, [=](auto f) {
    for (Index i = 0; i < n; i += kLanes<S>) {
      store<S>(out + i, f.first(load(a + i), load(p + i)) * load(x + i));
    }
  });
}

template <class S>
void tangent_adjoint(Activation activation, Index n, const S* a, const S* p, const S* a_bar,
                     const S* z_tangent, const S* e, S* out) {
  with<S>(activation, [=](auto f) {
    for (Index i = 0; i < n; i += kLanes<S>) {
      const Vec<S> ai = load(a + i), pi = load(p + i);
      Vec<S> sum = f.second(ai, pi) * load(z_tangent + i) * load(e + i);
      if (a_bar != nullptr) sum += f.first(ai, pi) * load(a_bar + i);
      store<S>(out + i, sum);
    }
  });
}

template <class S>
void value_adjoint(Activation activation, Index n, const S* a, const S* p, const S* a_bar,
                   const S* s, S* out) {
  with<S>(activation, [=](auto f) {
    for (Index i = 0; i < n; i += kLanes<S>) {
      const Vec<S> ai = load(a + i), pi = load(p + i);
      store<S>(out + i, f.first(ai, pi) * load(a_bar + i) + f.second(ai, pi) * load(s + i));
    }
  });
}

template <class S>
void mixed_tangent(Activation activation, Index n, const MixedTangent<S>& at) {
  with<S>(activation, [n, &at](auto f) {
    for (Index i = 0; i < n; i += kLanes<S>) {
      const Vec<S> a = load(at.a + i), p = load(at.p + i);
      const Vec<S> z_b = load(at.z_b + i), z_c = load(at.z_c + i);
      const Vec<S> first = f.first(a, p);
      store<S>(at.a_b + i, first * z_b);
      store<S>(at.a_c + i, first * z_c);
      store<S>(at.a_e + i, first * load(at.z_e + i) + f.second(a, p) * z_b * z_c);
    }
  });
}

template <class S>
void mixed_adjoint(Activation activation, Index n, const MixedAdjoint<S>& at) {
  with<S>(activation, [n, &at](auto f) {
    for (Index i = 0; i < n; i += kLanes<S>) {
      const Vec<S> a = load(at.a + i), p = load(at.p + i), e = load(at.e + i);
      const Vec<S> z_b = load(at.z_b + i), z_c = load(at.z_c + i);
      const Vec<S> first = f.first(a, p), second = f.second(a, p);
      Vec<S> inner = load(at.z_e + i) * e;
      Vec<S> bar = f.third(a, p) * z_b * z_c * e;
      Vec<S> bar_b = second * z_c * e, bar_c = second * z_b * e;
      if (at.a_bar_b != nullptr) {
        const Vec<S> a_bar_b = load(at.a_bar_b + i), a_bar_c = load(at.a_bar_c + i);
        inner += z_b * a_bar_b + z_c * a_bar_c;
        bar += first * load(at.a_bar + i);
        bar_b += first * a_bar_b;
        bar_c += first * a_bar_c;
      }
      store<S>(at.z_bar + i, bar + second * inner);
      store<S>(at.z_bar_b + i, bar_b);
      store<S>(at.z_bar_c + i, bar_c);
      store<S>(at.z_bar_e + i, first * e);
    }
  });
}

template <class S>
void sine_cosine(Index n, const S* x, S* sine, S* cosine) {
  for (Index i = 0; i < n; i += kLanes<S>) {
    Vec<S> s, c;
    simd::sin_cos<S>(load(x + i), s, c);
    store<S>(sine + i, s);
    store<S>(cosine + i, c);
  }
}

#define LEAST_ACTION_INSTANTIATE(S)                                                           \
  template void activate<S>(Activation, Index, S*, S*);                                       \
  template void times_first<S>(Activation, Index, const S*, const S*, const S*, S*);          \
  template void tangent_adjoint<S>(Activation, Index, const S*, const S*, const S*, const S*, \
                                   const S*, S*);                                             \
  template void value_adjoint<S>(Activation, Index, const S*, const S*, const S*, const S*,   \
                                 S*);                                                         \
  template void mixed_tangent<S>(Activation, Index, const MixedTangent<S>&);                  \
  template void mixed_adjoint<S>(Activation, Index, const MixedAdjoint<S>&);                  \
  template void sine_cosine<S>(Index, const S*, S*, S*);
LEAST_ACTION_INSTANTIATE(float)
LEAST_ACTION_INSTANTIATE(double)
#undef LEAST_ACTION_INSTANTIATE

}  // namespace least_action::kernels
