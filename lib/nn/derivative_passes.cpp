#include "nn/derivative_passes.h"

#include <algorithm>

#include "nn/activation_kernels.h"

namespace least_action {
namespace {

using simd::kLanes;
using simd::load;
using simd::store;

template <class S>
void fill_rows(const S* values, Index rows, Index width, S* out) {
  for (Index r = 0; r < rows; ++r, out += width) std::fill(out, out + width, values[r]);
}

}  // namespace

template <class S>
DerivativePasses<S>::DerivativePasses(const MlpLayout& layout, Index columns, Index capacity)
    : activation_(layout.activation),
      inputs_(layout.inputs),
      hidden_(static_cast<Index>(layout.hidden.size())),
      num_columns_(columns),
      capacity_(capacity),
      network_(layout),
      features_(layout) {
  widths_.push_back(layout.num_features());
  widths_.insert(widths_.end(), layout.hidden.begin(), layout.hidden.end());
  const Index widest = std::max(inputs_, *std::max_element(widths_.begin(), widths_.end()));

  for (Levels* array : {&a_, &p_, &e_}) *array = add_levels(kept_rows_);
  for (Index j = 0; j < columns; ++j) {
    column_z_.push_back(add_levels(kept_rows_));
    column_bar_.push_back(add_levels(kept_rows_));
  }
  for (Levels* array : {&z_c_, &a_c_, &bar_}) *array = add_levels(scratch_rows_);
  if (columns > 0) {
    for (Levels* array : {&z_b_, &z_e_, &a_b_, &a_e_}) *array = add_levels(scratch_rows_);
  }
  for (Index* array : {&in_a_, &in_b_, &in_c_, &in_u_, &out_}) {
    *array = scratch_rows_.add(inputs_);
  }
  for (Index* array : {&run_[0], &run_[1], &run_b_, &run_c_, &run_e_, &bar_b_}) {
    *array = scratch_rows_.add(widest);
  }
  for (Index& array : transposed_) array = scratch_rows_.add(simd::round_up<S>(widest));
  kept_ = AlignedBuffer<S>(kept_size<S>(kept_rows_.rows(), capacity));
  scratch_ = AlignedBuffer<S>(scratch_rows_.rows() * kPanel);
}

template <class S>
typename DerivativePasses<S>::Levels DerivativePasses<S>::add_levels(RowLayout& rows) const {
  Levels array;
  for (const Index w : widths_) array.push_back(rows.add(w));
  return array;
}

template <class S>
void DerivativePasses<S>::gradient(const Panel& panel, ConstMatrixRefX<S> x,
                                   MatrixRefX<S>& value, MatrixRefX<S>& grad) {
  const Index w = panel.width;
  S* in = scratch(panel, in_a_);
  load_columns<S>(x, panel, Padding::kRepeat, in);
  features_.evaluate(in, w, kept(panel, a_, 0), kept(panel, p_, 0));
  for (Index k = 1; k <= hidden_; ++k) {
    S* a = kept(panel, a_, k);
    S* p = kept(panel, p_, k);
    product(network_.w(k - 1), kept(panel, a_, k - 1), w, network_.bias(k - 1), a,
            [&](Index row, Index count) {
              kernels::activate(activation_, count * w, a + row * w, p + row * w);
            });
  }
  S* run = scratch(panel, run_[0]);
  S* next = scratch(panel, run_[1]);
  if (value.size() != 0) {
    product(network_.w(hidden_), kept(panel, a_, hidden_), w, network_.bias(hidden_), run,
            [](Index, Index) {});
    store_columns<S>(run, 1, panel, 0, value);
  }

  // e_m = w, e_{k−1} = W_kᵀ σ'(z_k) e_k.
  fill_rows(network_.weights(hidden_), width(hidden_), w, kept(panel, e_, hidden_));
  if (hidden_ > 0) {
    kernels::times_first(activation_, width(hidden_) * w, kept(panel, a_, hidden_),
                         kept(panel, p_, hidden_), kept(panel, e_, hidden_), run);
  }
  for (Index k = hidden_; k >= 1; --k) {
    const S* a = kept(panel, a_, k - 1);
    const S* p = kept(panel, p_, k - 1);
    S* e = kept(panel, e_, k - 1);
    product(network_.wt(k - 1), run, w, static_cast<const S*>(nullptr), e,
            [&](Index row, Index count) {
              if (k == 1) return;
              kernels::times_first(activation_, count * w, a + row * w, p + row * w,
                                   e + row * w, next + row * w);
            });
    std::swap(run, next);
  }
  const S* none = nullptr;
  S* out = scratch(panel, out_);
  features_.adjoint(kept(panel, a_, 0), kept(panel, p_, 0), kept(panel, e_, 0), none, none, w,
                    out);
  store_columns<S>(out, inputs_, panel, 0, grad);
}

template <class S>
void DerivativePasses<S>::value_pullback(const Panel& panel, ConstMatrixRefX<S> c,
                                         S* theta_bar) {
  const Index w = panel.width;
  S* factor = scratch(panel, in_a_);
  S* z_bar = scratch(panel, run_[0]);
  S* transposed = scratch(panel, transposed_[0]);
  load_columns<S>(c, panel, Padding::kZero, factor);
  const MlpLayout::Layer& output = layer(hidden_ + 1);
  add_row_dots(kept(panel, a_, hidden_), width(hidden_), w, factor, S(1),
               theta_bar + output.weight_offset);
  add_row_dots<S>(factor, 1, w, nullptr, S(1), theta_bar + output.bias_offset);
  for (Index k = hidden_; k >= 1; --k) {
    kernels::times_first(activation_, width(k) * w, kept(panel, a_, k), kept(panel, p_, k),
                         kept(panel, e_, k), z_bar);
    for (Index r = 0; r < width(k); ++r) {
      for (Index b = 0; b < w; ++b) z_bar[r * w + b] *= factor[b];
    }
    transpose_rows(z_bar, width(k), w, transposed);
    const OuterTerm<S> term{transposed, kept(panel, a_, k - 1)};
    add_outer(&term, 1, w, width(k), width(k - 1), S(1), theta_bar + layer(k).weight_offset,
              theta_bar + layer(k).bias_offset);
  }
}

template <class S>
template <class Z, class A>
void DerivativePasses<S>::tangent_forward(const Panel& panel, const S* x_tangent, Z&& z,
                                          A&& a) {
  const Index w = panel.width;
  features_.tangent(kept(panel, p_, 0), x_tangent, w, a(0));
  for (Index k = 1; k <= hidden_; ++k) {
    S* z_k = z(k);
    S* a_k = a(k);
    product(network_.w(k - 1), a(k - 1), w, static_cast<const S*>(nullptr), z_k,
            [&](Index row, Index count) {
              kernels::times_first(activation_, count * w, kept(panel, a_, k) + row * w,
                                   kept(panel, p_, k) + row * w, z_k + row * w, a_k + row * w);
            });
  }
}

template <class S>
template <class Z, class Bar, class Visit>
void DerivativePasses<S>::tangent_reverse(const Panel& panel, Z&& z, Bar&& a_bar,
                                          Visit&& visit) {
  const Index w = panel.width;
  S* run = scratch(panel, run_[0]);
  S* next = scratch(panel, run_[1]);
  if (hidden_ > 0) {
    kernels::tangent_adjoint<S>(activation_, width(hidden_) * w, kept(panel, a_, hidden_),
                                kept(panel, p_, hidden_), nullptr, z(hidden_),
                                kept(panel, e_, hidden_), run);
  }
  for (Index k = hidden_; k >= 1; --k) {
    visit(k, static_cast<const S*>(run));
    S* bar = a_bar(k - 1);
    product(network_.wt(k - 1), run, w, static_cast<const S*>(nullptr), bar,
            [&](Index row, Index count) {
              if (k == 1) return;
              const Index at = row * w;
              kernels::tangent_adjoint<S>(activation_, count * w, kept(panel, a_, k - 1) + at,
                                          kept(panel, p_, k - 1) + at, bar + at, z(k - 1) + at,
                                          kept(panel, e_, k - 1) + at, next + at);
            });
    std::swap(run, next);
  }
  if (hidden_ == 0) std::fill_n(a_bar(0), width(0) * w, S(0));
}

template <class S>
void DerivativePasses<S>::gradient_pullback(const Panel& panel, ConstMatrixRefX<S> v,
                                            MatrixRefX<S>& hv, S* theta_bar) {
  const Index w = panel.width;
  S* direction = scratch(panel, in_c_);
  load_columns<S>(v, panel, Padding::kZero, direction);
  const auto z = [&](Index k) { return scratch(panel, z_c_, k); };
  const auto a = [&](Index k) { return scratch(panel, a_c_, k); };
  const auto bar = [&](Index k) { return scratch(panel, bar_, k); };
  tangent_forward(panel, direction, z, a);
  if (theta_bar != nullptr) {
    add_row_dots<S>(a(hidden_), width(hidden_), w, nullptr, S(1),
                    theta_bar + layer(hidden_ + 1).weight_offset);
  }
  // W̄ += z̄ aᵀ + (σ'e) ȧᵀ.
  tangent_reverse(panel, z, bar, [&](Index k, const S* z_bar) {
    if (theta_bar == nullptr) return;
    S* adjoint = scratch(panel, run_e_);
    kernels::times_first(activation_, width(k) * w, kept(panel, a_, k), kept(panel, p_, k),
                         kept(panel, e_, k), adjoint);
    S* transposed[2] = {scratch(panel, transposed_[0]), scratch(panel, transposed_[1])};
    transpose_rows(z_bar, width(k), w, transposed[0]);
    transpose_rows<S>(adjoint, width(k), w, transposed[1]);
    const OuterTerm<S> terms[2] = {{transposed[0], kept(panel, a_, k - 1)},
                                   {transposed[1], a(k - 1)}};
    add_outer(terms, 2, w, width(k), width(k - 1), S(1), theta_bar + layer(k).weight_offset,
              theta_bar + layer(k).bias_offset);
  });
  if (hv.size() == 0) return;
  S* out = scratch(panel, out_);
  features_.adjoint<S>(kept(panel, a_, 0), kept(panel, p_, 0), bar(0), direction,
                       kept(panel, e_, 0), w, out);
  store_columns<S>(out, inputs_, panel, 0, hv);
}

template <class S>
void DerivativePasses<S>::hessian_columns(const Panel& panel, Index first,
                                          MatrixRefX<S>& hessian) {
  const Index w = panel.width;
  S* direction = scratch(panel, in_c_);
  S* out = scratch(panel, out_);
  for (Index j = 0; j < num_columns_; ++j) {
    std::fill_n(direction, inputs_ * w, S(0));
    std::fill_n(direction + (first + j) * w, w, S(1));
    const auto column = static_cast<std::size_t>(j);
    const auto z = [&](Index k) { return kept(panel, column_z_[column], k); };
    const auto a = [&](Index k) { return scratch(panel, a_c_, k); };
    const auto bar = [&](Index k) { return kept(panel, column_bar_[column], k); };
    tangent_forward(panel, direction, z, a);
    tangent_reverse(panel, z, bar, [](Index, const S*) {});
    features_.adjoint<S>(kept(panel, a_, 0), kept(panel, p_, 0), bar(0), direction,
                         kept(panel, e_, 0), w, out);
    store_columns<S>(out, inputs_, panel, j * inputs_, hessian);
  }
}

template <class S>
void DerivativePasses<S>::combine(const Panel& panel, const S* u,
                                  const std::vector<Levels>& columns, Index level, Index rows,
                                  S* out) {
  const Index w = panel.width;
  for (Index j = 0; j < num_columns_; ++j) {
    const S* from = kept(panel, columns[static_cast<std::size_t>(j)], level);
    const S* factor = u + j * w;
    for (Index r = 0; r < rows; ++r) {
      for (Index b = 0; b < w; b += kLanes<S>) {
        const simd::Vec<S> term = load(from + r * w + b) * load(factor + b);
        store<S>(out + r * w + b, j == 0 ? term : load(out + r * w + b) + term);
      }
    }
  }
}

template <class S>
void DerivativePasses<S>::mixed_forward(const Panel& panel, const S* u) {
  const Index w = panel.width;
  const S *b = scratch(panel, in_b_), *c = scratch(panel, in_c_), *x_e = scratch(panel, in_a_);
  const S *phi = kept(panel, a_, 0), *first = kept(panel, p_, 0);
  features_.tangent(first, b, w, scratch(panel, a_b_, 0));
  features_.tangent(first, c, w, scratch(panel, a_c_, 0));
  features_.mixed_tangent(phi, first, b, c, x_e, w, scratch(panel, a_e_, 0));
  for (Index k = 1; k <= hidden_; ++k) {
    combine(panel, u, column_z_, k, width(k), scratch(panel, z_b_, k));
    product(network_.w(k - 1), scratch(panel, a_c_, k - 1), w, static_cast<const S*>(nullptr),
            scratch(panel, z_c_, k), [](Index, Index) {});
    product(network_.w(k - 1), scratch(panel, a_e_, k - 1), w, static_cast<const S*>(nullptr),
            scratch(panel, z_e_, k), [&](Index row, Index count) {
              const Index at = row * w;
              kernels::mixed_tangent<S>(
                  activation_, count * w,
                  {kept(panel, a_, k) + at, kept(panel, p_, k) + at,
                   scratch(panel, z_b_, k) + at, scratch(panel, z_c_, k) + at,
                   scratch(panel, z_e_, k) + at, scratch(panel, a_b_, k) + at,
                   scratch(panel, a_c_, k) + at, scratch(panel, a_e_, k) + at});
            });
  }
}

template <class S>
void DerivativePasses<S>::mixed_reverse(const Panel& panel, const S* u, S weight, bool wants_x,
                                        S* theta_bar) {
  const Index w = panel.width;
  // The adjoint of channel b is the value-channel adjoint along c, and the other way round.
  const auto z_c = [&](Index k) { return scratch(panel, z_c_, k); };
  const auto bar_b = [&](Index k) { return scratch(panel, bar_, k); };
  tangent_reverse(panel, z_c, bar_b, [](Index, const S*) {});
  S* bar_c = scratch(panel, bar_b_);
  S* a_bar = scratch(panel, run_[1]);
  S* z_bar = scratch(panel, run_[0]);
  S *z_bar_b = scratch(panel, run_b_), *z_bar_c = scratch(panel, run_c_),
    *z_bar_e = scratch(panel, run_e_);
  for (Index k = hidden_; k >= 1; --k) {
    const bool top = k == hidden_;
    if (!top) combine(panel, u, column_bar_, k, width(k), bar_c);
    kernels::mixed_adjoint<S>(
        activation_, width(k) * w,
        {kept(panel, a_, k), kept(panel, p_, k), scratch(panel, z_b_, k),
         scratch(panel, z_c_, k), scratch(panel, z_e_, k), kept(panel, e_, k),
         top ? nullptr : a_bar, top ? nullptr : bar_b(k), top ? nullptr : bar_c, z_bar, z_bar_b,
         z_bar_c, z_bar_e});
    if (theta_bar != nullptr) {
      const S* bars[4] = {z_bar, z_bar_b, z_bar_c, z_bar_e};
      const S* activations[4] = {kept(panel, a_, k - 1), scratch(panel, a_b_, k - 1),
                                 scratch(panel, a_c_, k - 1), scratch(panel, a_e_, k - 1)};
      OuterTerm<S> terms[4];
      for (int i = 0; i < 4; ++i) {
        S* transposed = scratch(panel, transposed_[i]);
        transpose_rows(bars[i], width(k), w, transposed);
        terms[i] = {transposed, activations[i]};
      }
      add_outer(terms, 4, w, width(k), width(k - 1), weight, theta_bar + layer(k).weight_offset,
                theta_bar + layer(k).bias_offset);
    }
    if (k == 1 && !wants_x) return;
    product(network_.wt(k - 1), z_bar, w, static_cast<const S*>(nullptr), a_bar,
            [](Index, Index) {});
  }
  if (hidden_ == 0) std::fill_n(a_bar, width(0) * w, S(0));
}

template <class S>
void DerivativePasses<S>::mixed_pullback(const Panel& panel, Index first, ConstMatrixRefX<S> a,
                                         ConstMatrixRefX<S> u, ConstMatrixRefX<S> c, S weight,
                                         MatrixRefX<S>& x_bar, S* theta_bar) {
  const Index w = panel.width;
  S *x_e = scratch(panel, in_a_), *b = scratch(panel, in_b_), *x_c = scratch(panel, in_c_),
    *coefficients = scratch(panel, in_u_);
  load_columns<S>(a, panel, Padding::kZero, x_e);
  for (Index i = 0; i < inputs_ * w; ++i) x_e[i] = -x_e[i];  // The t₁t₂ coefficient is −a.
  load_columns<S>(c, panel, Padding::kZero, x_c);
  load_columns<S>(u, panel, Padding::kZero, coefficients);
  std::fill_n(b, inputs_ * w, S(0));
  std::copy_n(coefficients, num_columns_ * w, b + first * w);

  mixed_forward(panel, coefficients);
  if (theta_bar != nullptr) {
    add_row_dots<S>(scratch(panel, a_e_, hidden_), width(hidden_), w, nullptr, weight,
                    theta_bar + layer(hidden_ + 1).weight_offset);
  }
  const bool wants_x = x_bar.size() != 0;
  mixed_reverse(panel, coefficients, weight, wants_x, theta_bar);
  if (!wants_x) return;
  S* bar_c = scratch(panel, bar_b_);
  S* out = scratch(panel, out_);
  combine(panel, coefficients, column_bar_, 0, width(0), bar_c);
  features_.mixed_adjoint<S>(kept(panel, a_, 0), kept(panel, p_, 0), b, x_c, x_e,
                             scratch(panel, run_[1]), scratch(panel, bar_, 0), bar_c,
                             kept(panel, e_, 0), w, out);
  store_columns<S>(out, inputs_, panel, 0, x_bar);
}

template class DerivativePasses<float>;
template class DerivativePasses<double>;

}  // namespace least_action
