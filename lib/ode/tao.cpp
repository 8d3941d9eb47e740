#include "ode/tao.h"

#include <cmath>
#include <limits>

#include "base/contract.h"

namespace least_action {
namespace {

/// Of z − w in a step by default: an irrational part of a turn, so that what the steps add to
/// the difference does not add up.
constexpr double kAngle = 2;

}  // namespace

Tao::Tao(const VectorField<double>& field, Index max_batch, double coupling)
    : calls_(field, max_batch), coupling_(coupling) {
  const Index dimension = field.dimension();
  if (dimension % 2 != 0) {
    fail("Tao", "the field has dimension " + std::to_string(dimension) +
                    ", expected x = (q, p) of even dimension");
  }
  if (!(coupling >= 0) || !std::isfinite(coupling)) {
    fail_value("Tao", "coupling", coupling, "at least 0 and finite");
  }
  z_.setZero(dimension, max_batch);
  w_ = handed_out_ = rate_ = other_rate_ = z_;
  time_.setZero(max_batch);
  end_ = time_;
}

void Tao::restart() {
  batch_ = 0;
  calls_.reset();
}

double Tao::angle(double h) const { return coupling_ > 0 ? 2 * coupling_ * h : tao_angle(h); }

/// Whether a sample's step begins where its last one ended, times up to rounding (as in
/// StormerVerlet).
bool Tao::goes_on(double t, double h, Index sample, ConstVectorRef x) const {
  const double slack = 8 * std::numeric_limits<double>::epsilon() * (std::abs(t) + std::abs(h));
  return std::abs(t - time_[sample]) <= slack && handed_out_.col(sample) == x;
}

bool Tao::step(ConstVectorRef t, ConstVectorRef h, MatrixRef x) {
  check_step<double>("Tao::step", z_.rows(), z_.cols(), t, h, x);
  const Index batch = x.cols();
  rate_is_known_ = batch_ == batch;
  for (Index sample = 0; sample < batch; ++sample) {
    if (batch_ == batch && goes_on(t[sample], h[sample], sample, x.col(sample))) continue;
    z_.col(sample) = w_.col(sample) = x.col(sample);
    rate_is_known_ = false;
  }
  auto z = z_.leftCols(batch);
  auto w = w_.leftCols(batch);
  advance(t, h, z, w);
  x = 0.5 * (z + w);
  handed_out_.leftCols(batch) = x;
  time_.head(batch) = end_.head(batch);
  batch_ = batch;
  return true;
}

void Tao::step_extended(ConstVectorRef t, ConstVectorRef h, MatrixRef z, MatrixRef w) {
  check_step<double>("Tao::step_extended", z_.rows(), z_.cols(), t, h, z);
  check_step<double>("Tao::step_extended", z_.rows(), z_.cols(), t, h, w);
  batch_ = 0;
  rate_is_known_ = false;
  advance(t, h, z, w);
}

void Tao::advance(ConstVectorRef t, ConstVectorRef h, MatrixRef z, MatrixRef w) {
  const Index batch = z.cols();
  auto rate = rate_.leftCols(batch);
  auto other_rate = other_rate_.leftCols(batch);
  auto end = end_.head(batch);
  end = t + h;
  if (!rate_is_known_) calls_.forward(t, z, rate);
  w += 0.5 * (rate * h.asDiagonal());
  calls_.forward(t, w, other_rate);
  z += 0.5 * (other_rate * h.asDiagonal());
  for (Index b = 0; b < batch; ++b) turn_copies<double>(angle(h[b]), z.col(b), w.col(b));
  calls_.forward(end, w, other_rate);
  z += 0.5 * (other_rate * h.asDiagonal());
  calls_.forward(end, z, rate);
  w += 0.5 * (rate * h.asDiagonal());
}

double tao_angle(double h) { return std::copysign(kAngle, h); }

template <class S>
void turn_copies(double angle, VectorRefX<S> z, VectorRefX<S> w) {
  const S cosine = static_cast<S>(std::cos(angle)), sine = static_cast<S>(std::sin(angle));
  const Index n = z.size() / 2;
  for (Index i = 0; i < n; ++i) {
    const S dq = z[i] - w[i], dp = z[n + i] - w[n + i];
    const S mean_q = S(0.5) * (z[i] + w[i]), mean_p = S(0.5) * (z[n + i] + w[n + i]);
    const S half_dq = S(0.5) * (cosine * dq - sine * dp);
    const S half_dp = S(0.5) * (sine * dq + cosine * dp);
    z[i] = mean_q + half_dq;
    w[i] = mean_q - half_dq;
    z[n + i] = mean_p + half_dp;
    w[n + i] = mean_p - half_dp;
  }
}

template void turn_copies<float>(double, VectorRefX<float>, VectorRefX<float>);
template void turn_copies<double>(double, VectorRefX<double>, VectorRefX<double>);

}  // namespace least_action
