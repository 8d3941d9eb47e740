#include "models/separable_hamiltonian_network.h"

#include "models/call_contract.h"
#include "models/network_layout.h"
#include "nn/initializer.h"

namespace least_action {
namespace {

template <class S>
struct SeparableTape final : VectorField<S>::Tape {
  SeparableTape(const MlpDerivatives<S>& t, const MlpDerivatives<S>& v, Index samples)
      : kinetic(t.make_tape(samples)),
        potential(v.make_tape(samples)),
        max_samples(samples),
        direction(t.inputs(), samples),
        value(1, samples) {}
  Index capacity() const override { return max_samples; }
  std::size_t bytes() const override {
    return sizeof(*this) + call_contract::bytes_of(*kinetic) +
           call_contract::bytes_of(*potential) +
           sizeof(S) * static_cast<std::size_t>(direction.size() + value.size());
  }

  std::unique_ptr<MlpDerivativesTape<S>> kinetic, potential;
  Index max_samples, batch = 0;
  MatrixX<S> direction;  // n × capacity
  MatrixX<S> value;      // 1 × capacity
};

MlpLayout kinetic_layout(const ModelSpec& spec) {
  spec.check();
  return network_layout(spec, spec.degrees_of_freedom, spec.degrees_of_freedom, 1);
}

MlpLayout potential_layout(const ModelSpec& spec) {
  return network_layout(spec, 0, spec.degrees_of_freedom, 1);
}

}  // namespace

template <class S>
SeparableHamiltonianNetwork<S>::SeparableHamiltonianNetwork(const ModelSpec& spec)
    : spec_(spec), kinetic_(kinetic_layout(spec), 0), potential_(potential_layout(spec), 0) {}

template <class S>
std::vector<ParameterBlock> SeparableHamiltonianNetwork<S>::parameter_blocks() const {
  std::vector<ParameterBlock> blocks;
  const Index split = append_blocks("kinetic", kinetic_.layout(), 0, blocks);
  append_blocks("potential", potential_.layout(), split, blocks);
  return blocks;
}

template <class S>
void SeparableHamiltonianNetwork<S>::initialize(const Random& random,
                                                VectorRefX<S> theta) const {
  call_contract::check_theta("SeparableHamiltonianNetwork::initialize", theta.size(),
                             num_parameters());
  least_action::initialize<S>(Initializer::kGlorot, kinetic_.layout(), random.split(0),
                              theta.head(kinetic_.num_parameters()));
  least_action::initialize<S>(Initializer::kGlorot, potential_.layout(), random.split(1),
                              theta.tail(potential_.num_parameters()));
}

template <class S>
std::unique_ptr<typename SeparableHamiltonianNetwork<S>::Tape>
SeparableHamiltonianNetwork<S>::make_tape(Index capacity) const {
  return std::make_unique<SeparableTape<S>>(kinetic_, potential_, capacity);
}

template <class S>
void SeparableHamiltonianNetwork<S>::forward(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x,
                                             MatrixRefX<S> x_dot, Tape& tape) const {
  const char* where = "SeparableHamiltonianNetwork::forward";
  auto& mine = call_contract::tape_of<SeparableTape<S>>(where, tape);
  call_contract::check_input(where, "x", x.rows(), x.cols(), this->dimension(),
                             mine.max_samples);
  call_contract::check_shape(where, "x_dot", x_dot.rows(), x_dot.cols(), x.rows(), x.cols());
  const Index n = spec_.degrees_of_freedom;
  velocity(theta, x.bottomRows(n), x_dot.topRows(n), tape);
  force(theta, x.topRows(n), x_dot.bottomRows(n), tape);
  mine.batch = x.cols();
}

template <class S>
void SeparableHamiltonianNetwork<S>::velocity(ConstVectorRefX<S> theta, ConstMatrixRefX<S> p,
                                              MatrixRefX<S> q_dot, Tape& tape) const {
  const char* where = "SeparableHamiltonianNetwork::velocity";
  auto& mine = call_contract::tape_of<SeparableTape<S>>(where, tape);
  call_contract::check_theta(where, theta.size(), num_parameters());
  mine.batch = 0;  // One half of the tape alone is no forward pass.
  MatrixX<S> no_value;
  kinetic_.gradient(theta.head(kinetic_.num_parameters()), p, no_value, q_dot, *mine.kinetic);
}

template <class S>
void SeparableHamiltonianNetwork<S>::force(ConstVectorRefX<S> theta, ConstMatrixRefX<S> q,
                                           MatrixRefX<S> p_dot, Tape& tape) const {
  const char* where = "SeparableHamiltonianNetwork::force";
  auto& mine = call_contract::tape_of<SeparableTape<S>>(where, tape);
  call_contract::check_theta(where, theta.size(), num_parameters());
  mine.batch = 0;
  MatrixX<S> no_value;
  potential_.gradient(theta.tail(potential_.num_parameters()), q, no_value, p_dot,
                      *mine.potential);
  p_dot *= S(-1);
}

template <class S>
void SeparableHamiltonianNetwork<S>::vjp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> w,
                                         MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
                                         Tape& tape) const {
  const char* where = "SeparableHamiltonianNetwork::vjp";
  auto& mine = call_contract::tape_of<SeparableTape<S>>(where, tape);
  call_contract::check_vjp<S>(where, theta, w, x_bar, theta_bar, num_parameters(),
                              this->dimension(), mine.batch);
  const Index n = spec_.degrees_of_freedom;
  const Index split = kinetic_.num_parameters(), rest = potential_.num_parameters();
  // wᵀẋ = w_qᵀ∇T(p) − w_pᵀ∇V(q).
  auto minus_w_p = mine.direction.leftCols(mine.batch);
  minus_w_p = -w.bottomRows(n);
  if (theta_bar.size() == 0) {
    kinetic_.hessian_product(theta.head(split), w.topRows(n), x_bar.bottomRows(n),
                             *mine.kinetic);
    potential_.hessian_product(theta.tail(rest), minus_w_p, x_bar.topRows(n), *mine.potential);
  } else {
    kinetic_.gradient_pullback(theta.head(split), w.topRows(n), x_bar.bottomRows(n),
                               theta_bar.head(split), *mine.kinetic);
    potential_.gradient_pullback(theta.tail(rest), minus_w_p, x_bar.topRows(n),
                                 theta_bar.tail(rest), *mine.potential);
  }
}

template <class S>
void SeparableHamiltonianNetwork<S>::jvp(ConstVectorRefX<S> theta, ConstMatrixRefX<S> v,
                                         MatrixRefX<S> x_dot_tangent, Tape& tape) const {
  const char* where = "SeparableHamiltonianNetwork::jvp";
  auto& mine = call_contract::tape_of<SeparableTape<S>>(where, tape);
  call_contract::check_jvp<S>(where, theta, v, x_dot_tangent, num_parameters(),
                              this->dimension(), mine.batch);
  const Index n = spec_.degrees_of_freedom;
  auto minus_v_q = mine.direction.leftCols(mine.batch);
  minus_v_q = -v.topRows(n);
  kinetic_.hessian_product(theta.head(kinetic_.num_parameters()), v.bottomRows(n),
                           x_dot_tangent.topRows(n), *mine.kinetic);
  potential_.hessian_product(theta.tail(potential_.num_parameters()), minus_v_q,
                             x_dot_tangent.bottomRows(n), *mine.potential);
}

template <class S>
void SeparableHamiltonianNetwork<S>::energy(ConstVectorRefX<S> theta, ConstMatrixRefX<S> x,
                                            MatrixRefX<S> energy, Tape& tape) const {
  const char* where = "SeparableHamiltonianNetwork::energy";
  auto& mine = call_contract::tape_of<SeparableTape<S>>(where, tape);
  call_contract::check_theta(where, theta.size(), num_parameters());
  call_contract::check_input(where, "x", x.rows(), x.cols(), this->dimension(),
                             mine.max_samples);
  call_contract::check_shape(where, "energy", energy.rows(), energy.cols(), 1, x.cols());
  const Index n = spec_.degrees_of_freedom, batch = x.cols();
  mine.batch = 0;
  auto gradient = mine.direction.leftCols(batch), value = mine.value.leftCols(batch);
  kinetic_.gradient(theta.head(kinetic_.num_parameters()), x.bottomRows(n), energy, gradient,
                    *mine.kinetic);
  potential_.gradient(theta.tail(potential_.num_parameters()), x.topRows(n), value, gradient,
                      *mine.potential);
  energy += value;
}

template class SeparableHamiltonianNetwork<float>;
template class SeparableHamiltonianNetwork<double>;

}  // namespace least_action
