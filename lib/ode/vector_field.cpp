#include "ode/vector_field.h"

#include <stdexcept>

namespace least_action {

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
