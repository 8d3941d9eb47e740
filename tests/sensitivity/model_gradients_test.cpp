// Every exact sensitivity on every kind of model: the gradient of the discrete solution.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "models/dynamics_model.h"
#include "sensitivity/sensitivity.h"
#include "support/gradient_check.h"

using namespace least_action;
using namespace least_action::testing;

namespace {

constexpr SensitivityMethod kExact[] = {
    SensitivityMethod::kFullTape, SensitivityMethod::kSymplecticAdjoint,
    SensitivityMethod::kCheckpointing, SensitivityMethod::kReversible};

/// A small network of a kind and ½ Σ w x(t_k)² of two of its motions, as a function of
/// (x₀, θ, times).
class Problem final {
 public:
  explicit Problem(ModelKind kind) {
    ModelSpec spec;
    spec.kind = kind;
    spec.hidden = {5};
    spec.activation =
        kind == ModelKind::kLagrangian ? Activation::kSoftplus : Activation::kTanh;
    spec.blocks = kind == ModelKind::kResidual ? 2 : 1;
    model_ = make_model<double>(spec);
    const Index size = model_->num_parameters();
    point_.resize(4 + size + 8);
    point_.head(4) << 0.4, -0.9, 0.8, 0.5;
    model_->initialize(Random(2), point_.segment(4, size));
    // Both motions have times of their own; the second goes backward.
    point_.tail(8) << 0, 0.6, 0.2, 0.5, 0.35, 0.3, 0.55, 0.1;
  }

  const Vector& point() const { return point_; }

  /// The loss at a point, and its gradient where that is asked for.
  double operator()(const SensitivityOptions& options, const Vector& at,
                    Vector* gradient) const {
    const Index size = model_->num_parameters();
    const Vector theta = at.segment(4, size);
    const Matrix x0 = at.head(4).reshaped(2, 2), times = at.tail(8).reshaped(2, 4);
    const ModelField<double> field(*model_, theta);
    const auto made = make_sensitivity<double>(options, field, 2, 3);
    Matrix states(2, 8), x0_bar(2, 2), times_bar(2, 4);
    REQUIRE(made->forward(field, times, x0, states) == SolveStatus::kReachedEnd);
    Matrix states_bar = states;
    for (Index i = 0; i < states.size(); ++i) states_bar(i) *= 0.5 + 0.2 * double(i % 5);
    const double loss = 0.5 * states.cwiseProduct(states_bar).sum();
    if (gradient == nullptr) return loss;
    Vector theta_bar = Vector::Zero(size);
    made->backward(field, states_bar, x0_bar, theta_bar, times_bar);
    gradient->resize(at.size());
    *gradient << x0_bar.reshaped(), theta_bar, times_bar.reshaped();
    return loss;
  }

 private:
  std::unique_ptr<DynamicsModel<double>> model_;
  Vector point_;
};

}  // namespace

TEST_SUITE("sensitivity/model_gradients") {
  TEST_CASE("every model is differentiated in θ, x0 and the times by every exact sensitivity") {
    // Oracle: Taylor remainder; dopri5 takes a fixed sequence, one step an interval whatever
    // its error. The first three agree with each other to rounding as well.
    for (const ModelTraits& kind : model_kinds()) {
      const Problem problem(kind.kind);
      for (const Method method : {Method::kRk4, Method::kDormandPrince54}) {
        Vector full;
        for (const SensitivityMethod sensitivity : kExact) {
          CAPTURE(std::string(kind.name));
          CAPTURE(std::string(traits(method).name));
          CAPTURE(std::string(traits(sensitivity).name));
          SensitivityOptions options;
          options.sensitivity = sensitivity;
          options.solve.method = method;
          options.solve.relative_tolerance = options.solve.absolute_tolerance = 100;
          options.solve.initial_step = 100;
          options.substeps = 2;
          Vector claimed;
          problem(options, problem.point(), &claimed);
          const auto loss = [&](const Vector& at) { return problem(options, at, nullptr); };
          for (const std::uint64_t seed : {1, 4}) {
            const TaylorCheck check = taylor_check(loss, problem.point(), claimed,
                                                   random_direction(claimed.size(), seed));
            INFO(check.text());
            CHECK(check.slope() >= 1.9);
            CHECK(check.relative_error() < 1e-7);
          }
          if (sensitivity == SensitivityMethod::kFullTape) full = claimed;
          if (sensitivity != SensitivityMethod::kReversible) {
            CHECK((claimed - full).norm() < 1e-13 * full.norm());
          }
        }
      }
    }
  }
}
