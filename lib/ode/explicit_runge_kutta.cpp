#include "ode/explicit_runge_kutta.h"

namespace least_action {

template <class S>
ExplicitRungeKutta<S>::ExplicitRungeKutta(const ButcherTableau& tableau,
                                          const VectorField<S>& field, Index max_batch)
    : calls_(field, max_batch),
      stages_(tableau, field.dimension(), max_batch),
      used_stages_(stages_.used_stages()) {}

template <class S>
bool ExplicitRungeKutta<S>::step(ConstVectorRefX<S> t, ConstVectorRefX<S> h, MatrixRefX<S> x) {
  check_step<S>("ExplicitRungeKutta::step", stages_.dimension(), stages_.max_batch(), t, h, x);
  const Index batch = x.cols();
  for (Index i = 0; i < used_stages_; ++i) {
    stages_.prepare(i, t, h, x);
    calls_.forward(stages_.stage_time(batch), stages_.stage_state(batch), stages_.k(i, batch));
  }
  stages_.advance(h, x);
  return true;
}

template class ExplicitRungeKutta<float>;
template class ExplicitRungeKutta<double>;

}  // namespace least_action
