#include "ode/step_record.h"

#include "ode/tableau.h"

namespace least_action {

template <class S>
void interpolate_step(ConstVectorRefX<S> record, double sigma, VectorRefX<S> x) {
  const Index n = x.size();
  double corrections[4];
  dense_corrections(sigma, corrections);
  const S u = static_cast<S>(sigma), v = static_cast<S>(1 - sigma);
  for (Index i = 0; i < n; ++i) {
    const S delta = record[n + i], first = record[2 * n + i], last = record[3 * n + i];
    S sum = u * (delta + v * (first - delta + u * (2 * delta - first - last)));
    for (Index m = 0; m < 4 && (m + 4) * n < record.size(); ++m) {
      sum += static_cast<S>(corrections[m]) * record[(m + 4) * n + i];
    }
    x[i] = record[i] + sum;
  }
}

template void interpolate_step<float>(ConstVectorRefX<float>, double, VectorRefX<float>);
template void interpolate_step<double>(ConstVectorRefX<double>, double, VectorRefX<double>);

}  // namespace least_action
