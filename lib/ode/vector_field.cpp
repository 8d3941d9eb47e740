#include "ode/vector_field.h"

#include <stdexcept>

namespace least_action {

template <class S>
void VectorField<S>::time_vjp(ConstMatrixRefX<S>, VectorRefX<S> t_bar, Tape&) const {
  if (!is_autonomous()) {
    throw std::logic_error(
        "VectorField::time_vjp: the field depends on time and does not say how; override it");
  }
  t_bar.setZero();
}

template <class S>
void VectorField<S>::velocity(ConstVectorRefX<S>, ConstMatrixRefX<S>, MatrixRefX<S>,
                              Tape&) const {
  throw std::logic_error(
      "VectorField::velocity: the field is not separable (is_separable() is false)");
}

template <class S>
void VectorField<S>::force(ConstVectorRefX<S>, ConstMatrixRefX<S>, MatrixRefX<S>, Tape&) const {
  throw std::logic_error(
      "VectorField::force: the field is not separable (is_separable() is false)");
}

template class VectorField<float>;
template class VectorField<double>;

}  // namespace least_action
