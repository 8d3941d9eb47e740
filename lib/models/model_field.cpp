#include "models/call_contract.h"
#include "models/dynamics_model.h"

namespace least_action {

template <class S>
ModelField<S>::ModelField(const DynamicsModel<S>& model, const VectorX<S>& theta)
    : model_(&model), theta_(&theta) {
  call_contract::check_theta("ModelField", theta.size(), model.num_parameters());
}

template <class S>
Index ModelField<S>::dimension() const {
  return model_->dimension();
}

template <class S>
Index ModelField<S>::num_parameters() const {
  return model_->num_parameters();
}

template <class S>
std::unique_ptr<typename ModelField<S>::Tape> ModelField<S>::make_tape(Index capacity) const {
  return model_->make_tape(capacity);
}

// The dynamics is autonomous: t is only checked, so that a caller's mistake shows.
template <class S>
void ModelField<S>::forward(ConstVectorRefX<S> t, ConstMatrixRefX<S> x, MatrixRefX<S> x_dot,
                            Tape& tape) const {
  if (t.size() != x.cols())
    fail_size("ModelField::forward", "t", t.size(), x.cols(), "samples");
  model_->forward(*theta_, x, x_dot, tape);
}

template <class S>
void ModelField<S>::vjp(ConstMatrixRefX<S> w, MatrixRefX<S> x_bar, VectorRefX<S> theta_bar,
                        Tape& tape) const {
  model_->vjp(*theta_, w, x_bar, theta_bar, tape);
}

template <class S>
void ModelField<S>::jvp(ConstMatrixRefX<S> v, MatrixRefX<S> x_dot_tangent, Tape& tape) const {
  model_->jvp(*theta_, v, x_dot_tangent, tape);
}

template <class S>
bool ModelField<S>::is_separable() const {
  return model_->is_separable();
}

template <class S>
void ModelField<S>::velocity(ConstVectorRefX<S> t, ConstMatrixRefX<S> p, MatrixRefX<S> q_dot,
                             Tape& tape) const {
  if (t.size() != p.cols())
    fail_size("ModelField::velocity", "t", t.size(), p.cols(), "samples");
  model_->velocity(*theta_, p, q_dot, tape);
}

template <class S>
void ModelField<S>::force(ConstVectorRefX<S> t, ConstMatrixRefX<S> q, MatrixRefX<S> p_dot,
                          Tape& tape) const {
  if (t.size() != q.cols()) fail_size("ModelField::force", "t", t.size(), q.cols(), "samples");
  model_->force(*theta_, q, p_dot, tape);
}

template class ModelField<float>;
template class ModelField<double>;

}  // namespace least_action
