#include "models/lagrangian_network.h"

#include <vector>

#include "models/call_contract.h"
#include "models/mass_matrix.h"
#include "models/network_layout.h"
#include "nn/initializer.h"

namespace least_action {
namespace {

template <class S>
struct LagrangianTape final : VectorField<S>::Tape {
  LagrangianTape(const MlpDerivatives<S>& lagrangian, Index samples)
      : network(lagrangian.make_tape(samples)),
        n(lagrangian.inputs() / 2),
        max_samples(samples),
        mass(n, samples),
        hessian(2 * n * n, samples),
        gradient(2 * n, samples),
        value(1, samples),
        curve_a(MatrixX<S>::Zero(2 * n, samples)),
        curve_u(n, samples),
        curve_c(2 * n, samples),
        damping_a(MatrixX<S>::Zero(2 * n, samples)),
        damping_u(n, samples),
        damping_c(2 * n, samples),
        damping_x_bar(2 * n, samples),
        jacobian(2 * n * n, samples),
        unit(n, samples),
        residual(n, samples),
        damping(n * n, samples),
        one_mass(static_cast<std::size_t>(n * n)),
        one_w(static_cast<std::size_t>(n)) {}
  Index capacity() const override { return max_samples; }
  FieldHealth health() const override { return mass.health(); }
  std::size_t bytes() const override {
    const Index of_scalar = hessian.size() + gradient.size() + value.size() + curve_a.size() +
                            curve_u.size() + curve_c.size() + damping_a.size() +
                            damping_u.size() + damping_c.size() + damping_x_bar.size() +
                            jacobian.size() + unit.size();
    return sizeof(*this) + call_contract::bytes_of(*network) + mass.bytes() +
           sizeof(S) * static_cast<std::size_t>(of_scalar) +
           sizeof(double) *
               static_cast<std::size_t>(residual.size() + damping.size() + n * n + n);
  }

  /// M of one sample, symmetrised (its two triangles differ by rounding), to `one_mass`.
  template <int N = 0>
  const double* mass_of(Index sample) {
    const Index size = N > 0 ? N : n;
    const S* columns = hessian.col(sample).data();
    for (Index j = 0; j < size; ++j) {
      for (Index i = 0; i <= j; ++i) {
        const double entry = 0.5 * (static_cast<double>(columns[j * 2 * size + size + i]) +
                                    static_cast<double>(columns[i * 2 * size + size + j]));
        one_mass[static_cast<std::size_t>(j * size + i)] = entry;
        one_mass[static_cast<std::size_t>(i * size + j)] = entry;
      }
    }
    return one_mass.data();
  }

  std::unique_ptr<MlpDerivativesTape<S>> network;
  Index n, max_samples, batch = 0;
  bool has_jacobian = false;
  MassMatrix mass;
  // Row 2n·j + i of `hessian` is ∂²L/∂x_i∂q̇_j: row j of C, then column j of M.
  MatrixX<S> hessian, gradient, value;
  MatrixX<S> curve_a, curve_u, curve_c;  // a = (u, 0), u, c = (q̇, q̈)
  MatrixX<S> damping_a, damping_u, damping_c, damping_x_bar;
  MatrixX<S> jacobian;  // Row 2n·k + i is ∂q̈_k/∂x_i.
  MatrixX<S> unit;
  Matrix residual;  // r = ∂L/∂q − C q̇
  Matrix damping;   // E of MassMatrix::damping_cotangent, n² × capacity
  std::vector<double> one_mass, one_w;
};

MlpLayout layout_of(const ModelSpec& spec) {
  spec.check();
  return network_layout(spec, 0, 2 * spec.degrees_of_freedom, 1);
}

/// Solves for q̈ and writes ẋ = (q̇, q̈), c = (q̇, q̈) and r of every sample. N: n where it is
/// known at compile time (the loops then unroll), else 0.
template <int N, class S>
void accelerate(ConstMatrixRefX<S> x, MatrixRefX<S> x_dot, LagrangianTape<S>& tape) {
  const Index n = N > 0 ? N : tape.n;
  tape.mass.start_batch();
  for (Index b = 0; b < x.cols(); ++b) {
    const S* q_dot = x.data() + b * x.outerStride() + n;
    const S* columns = tape.hessian.col(b).data();
    const S* gradient = tape.gradient.col(b).data();
    double* r = tape.residual.col(b).data();
    for (Index j = 0; j < n; ++j) {
      double sum = static_cast<double>(gradient[j]);
      for (Index i = 0; i < n; ++i) {
        sum -= static_cast<double>(columns[j * 2 * n + i]) * static_cast<double>(q_dot[i]);
      }
      r[j] = sum;
    }
    tape.mass.invert(b, tape.template mass_of<N>(b));
    const double* inverse = tape.mass.inverse(b);
    S* c = tape.curve_c.col(b).data();
    S* out = x_dot.data() + b * x_dot.outerStride();
    for (Index i = 0; i < n; ++i) {
      double q_ddot = 0;
      for (Index j = 0; j < n; ++j) q_ddot += inverse[j * n + i] * r[j];
      c[i] = out[i] = q_dot[i];
      c[n + i] = out[n + i] = static_cast<S>(q_ddot);
    }
  }
}

/// What damped samples add to x̄ and θ̄: wᵀ dφ(M) r has, beside the −u q̈ᵀ of every sample, the
/// part ⟨E, dM⟩ = Σ_k e_kᵀ dM E e_k, one mixed derivative for each k.
template <class S>
void add_damping(const MlpDerivatives<S>& lagrangian, ConstVectorRefX<S> theta,
                 ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
                 LagrangianTape<S>& tape) {
  const Index n = tape.n, batch = tape.batch;
  for (const Index b : tape.mass.damped_samples()) {
    for (Index i = 0; i < n; ++i) {
      tape.one_w[static_cast<std::size_t>(i)] = static_cast<double>(w(i, b));
    }
    tape.mass.damping_cotangent(tape.mass_of(b), tape.one_w.data(), tape.residual.col(b).data(),
                                tape.damping.col(b).data());
  }
  auto u = tape.damping_u.leftCols(batch), c = tape.damping_c.leftCols(batch);
  auto part = tape.damping_x_bar.leftCols(batch);
  u.setZero();
  c.setZero();
  for (Index k = 0; k < n; ++k) {
    for (const Index b : tape.mass.damped_samples()) {
      for (Index i = 0; i < n; ++i) {
        u(i, b) = i == k ? S(1) : S(0);
        c(n + i, b) = static_cast<S>(tape.damping(k * n + i, b));
      }
    }
    lagrangian.mixed_pullback(theta, tape.damping_a.leftCols(batch), u, c, S(1), part,
                              theta_bar, *tape.network);
    x_bar += part;
  }
}

/// u = M⁻¹w of every sample, and the curve's a = (u, 0).
template <int N, class S>
void solve_cotangent(ConstMatrixRefX<S> w, LagrangianTape<S>& tape) {
  const Index n = N > 0 ? N : tape.n;
  for (Index b = 0; b < tape.batch; ++b) {
    const double* inverse = tape.mass.inverse(b);
    const S* cotangent = w.data() + b * w.outerStride();
    S* u = tape.curve_u.data() + b * n;
    S* a = tape.curve_a.data() + b * 2 * n;
    for (Index i = 0; i < n; ++i) {
      double sum = 0;
      for (Index j = 0; j < n; ++j) {
        sum += inverse[j * n + i] * static_cast<double>(cotangent[j]);
      }
      a[i] = u[i] = static_cast<S>(sum);
    }
  }
}

/// From ∂s/∂x to x̄ = −∂s/∂x − (0, Cᵀu): c holds q̇, which is part of x.
template <int N, class S>
void finish_cotangent(MatrixRefX<S> x_bar, LagrangianTape<S>& tape) {
  const Index n = N > 0 ? N : tape.n;
  for (Index b = 0; b < tape.batch; ++b) {
    const S* columns = tape.hessian.data() + b * 2 * n * n;
    const S* u = tape.curve_u.data() + b * n;
    S* out = x_bar.data() + b * x_bar.outerStride();
    for (Index i = 0; i < n; ++i) {
      S sum = 0;
      for (Index j = 0; j < n; ++j) sum += columns[j * 2 * n + i] * u[j];
      out[i] = -out[i];
      out[n + i] = -out[n + i] - sum;
    }
  }
}

/// The cotangent w (n × B) of q̈: writes x̄ = (∂q̈/∂x)ᵀ w and adds to `theta_bar` unless empty.
template <class S>
void acceleration_vjp(const MlpDerivatives<S>& lagrangian, ConstVectorRefX<S> theta,
                      ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
                      LagrangianTape<S>& tape) {
  const Index n = tape.n, batch = tape.batch;
  if (n == 1) {
    solve_cotangent<1, S>(w, tape);
  } else if (n == 2) {
    solve_cotangent<2, S>(w, tape);
  } else {
    solve_cotangent<0, S>(w, tape);
  }
  lagrangian.mixed_pullback(theta, tape.curve_a.leftCols(batch), tape.curve_u.leftCols(batch),
                            tape.curve_c.leftCols(batch), S(-1), x_bar, theta_bar,
                            *tape.network);
  if (n == 1) {
    finish_cotangent<1, S>(x_bar, tape);
  } else if (n == 2) {
    finish_cotangent<2, S>(x_bar, tape);
  } else {
    finish_cotangent<0, S>(x_bar, tape);
  }
  if (!tape.mass.damped_samples().empty()) {
    add_damping<S>(lagrangian, theta, w, x_bar, theta_bar, tape);
  }
}

}  // namespace

template <class S>
LagrangianNetwork<S>::LagrangianNetwork(const ModelSpec& spec)
    : spec_(spec), lagrangian_(layout_of(spec), spec.degrees_of_freedom) {}

template <class S>
std::vector<ParameterBlock> LagrangianNetwork<S>::parameter_blocks() const {
  std::vector<ParameterBlock> blocks;
  append_blocks("network", lagrangian_.layout(), 0, blocks);
  return blocks;
}

template <class S>
void LagrangianNetwork<S>::initialize(const Random& random, VectorRefX<S> theta) const {
  call_contract::check_theta("LagrangianNetwork::initialize", theta.size(), num_parameters());
  least_action::initialize<S>(Initializer::kLagrangian, lagrangian_.layout(), random, theta);
}

template <class S>
std::unique_ptr<typename LagrangianNetwork<S>::Tape> LagrangianNetwork<S>::make_tape(
    Index capacity) const {
  return std::make_unique<LagrangianTape<S>>(lagrangian_, capacity);
}

template <class S>
void LagrangianNetwork<S>::forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x,
                                   MatrixRefX<S> x_dot, Tape& tape) const {
  const char* where = "LagrangianNetwork::forward";
  auto& mine = call_contract::tape_of<LagrangianTape<S>>(where, tape);
  call_contract::check_input(where, "x", x.rows(), x.cols(), this->dimension(),
                             mine.max_samples);
  call_contract::check_shape(where, "x_dot", x_dot.rows(), x_dot.cols(), x.rows(), x.cols());
  const Index n = spec_.degrees_of_freedom, batch = x.cols();
  mine.batch = 0;
  mine.has_jacobian = false;
  MatrixX<S> no_value;
  lagrangian_.gradient(theta, x, no_value, mine.gradient.leftCols(batch), *mine.network);
  lagrangian_.hessian_columns(theta, n, mine.hessian.leftCols(batch), *mine.network);
  if (n == 1) {
    accelerate<1, S>(x, x_dot, mine);
  } else if (n == 2) {
    accelerate<2, S>(x, x_dot, mine);
  } else {
    accelerate<0, S>(x, x_dot, mine);
  }
  mine.batch = batch;
}

template <class S>
void LagrangianNetwork<S>::vjp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> w,
                               MatrixRefX<S> x_bar, VectorRefX<S> theta_bar, Tape& tape) const {
  const char* where = "LagrangianNetwork::vjp";
  auto& mine = call_contract::tape_of<LagrangianTape<S>>(where, tape);
  call_contract::check_vjp<S>(where, theta, w, x_bar, theta_bar, num_parameters(),
                              this->dimension(), mine.batch);
  const Index n = spec_.degrees_of_freedom;
  acceleration_vjp<S>(lagrangian_, theta, w.bottomRows(n), x_bar, theta_bar, mine);
  x_bar.bottomRows(n) += w.topRows(n);  // ẋ's first half is q̇.
}

template <class S>
void LagrangianNetwork<S>::jvp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> v,
                               MatrixRefX<S> x_dot_tangent, Tape& tape) const {
  const char* where = "LagrangianNetwork::jvp";
  auto& mine = call_contract::tape_of<LagrangianTape<S>>(where, tape);
  call_contract::check_jvp<S>(where, theta, v, x_dot_tangent, num_parameters(),
                              this->dimension(), mine.batch);
  const Index n = spec_.degrees_of_freedom, batch = mine.batch;
  if (!mine.has_jacobian) {
    auto unit = mine.unit.leftCols(batch);
    VectorX<S> no_theta_bar;
    for (Index k = 0; k < n; ++k) {
      unit.setZero();
      unit.row(k).setOnes();
      acceleration_vjp<S>(lagrangian_, theta, unit,
                          mine.jacobian.block(2 * n * k, 0, 2 * n, batch), no_theta_bar, mine);
    }
    mine.has_jacobian = true;
  }
  for (Index b = 0; b < batch; ++b) {
    x_dot_tangent.col(b).head(n) = v.col(b).tail(n);
    for (Index k = 0; k < n; ++k) {
      S sum = 0;
      for (Index i = 0; i < 2 * n; ++i) sum += mine.jacobian(2 * n * k + i, b) * v(i, b);
      x_dot_tangent(n + k, b) = sum;
    }
  }
}

template <class S>
void LagrangianNetwork<S>::energy(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x,
                                  MatrixRefX<S> energy, Tape& tape) const {
  const char* where = "LagrangianNetwork::energy";
  auto& mine = call_contract::tape_of<LagrangianTape<S>>(where, tape);
  call_contract::check_input(where, "x", x.rows(), x.cols(), this->dimension(),
                             mine.max_samples);
  call_contract::check_shape(where, "energy", energy.rows(), energy.cols(), 1, x.cols());
  const Index n = spec_.degrees_of_freedom, batch = x.cols();
  mine.batch = 0;  // The network's tape now belongs to these states.
  mine.has_jacobian = false;
  auto value = mine.value.leftCols(batch);
  auto gradient = mine.gradient.leftCols(batch);
  lagrangian_.gradient(theta, x, value, gradient, *mine.network);
  // E = q̇ᵀ ∂L/∂q̇ − L
  for (Index b = 0; b < batch; ++b) {
    energy(0, b) = x.col(b).tail(n).dot(gradient.col(b).tail(n)) - value(0, b);
  }
}

template class LagrangianNetwork<float>;
template class LagrangianNetwork<double>;

}  // namespace least_action
