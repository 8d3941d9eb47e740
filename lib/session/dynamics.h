#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/dynamics_model.h"
#include "systems/system.h"

namespace least_action {

/// What moves: the truth, or a model with its parameters. Each lives in its own chart; this
/// class shows it in the canonical coordinates of the true system, so all can be compared.
class Dynamics final {
 public:
  /// The truth. `system` must outlive this.
  explicit Dynamics(const System& system);
  Dynamics(const System& system, std::shared_ptr<const DynamicsModel<double>> model);
  Dynamics(const Dynamics&) = delete;
  Dynamics& operator=(const Dynamics&) = delete;

  const System& system() const { return *system_; }
  Chart chart() const { return chart_; }
  const VectorField<double>& field() const { return *field_; }
  bool is_truth() const { return model_ == nullptr; }
  const DynamicsModel<double>* model() const { return model_.get(); }
  bool has_energy() const;

  const Vector& theta() const { return theta_; }
  /// Takes effect with the next evaluation. Does not check.
  void set_theta(const Vector& theta) { theta_ = theta; }

  /// Reused space for batches of up to `capacity` samples.
  class Workspace {
    friend class Dynamics;
    std::unique_ptr<VectorField<double>::Tape> field_tape_;
    std::unique_ptr<DynamicsModel<double>::Tape> model_tape_;
    Matrix own_, own_rates_, energy_;
    Vector times_, shifted_, forward_, backward_;
  };
  Workspace make_workspace(Index capacity) const;

  /// Writes d/dt of the canonical state (2n × B) at canonical states x (2n × B); NaN where the
  /// dynamics are undefined. For a model of the velocity chart, with p = p(q, q̇) of the true
  /// system, ṗ is the derivative of p along (q̇, q̈) by a central difference (error ≈ 1e-8).
  void canonical_rates(ConstMatrixRef x, MatrixRef rates, Workspace& workspace) const;
  /// Writes the true or learned energy (B) at canonical states; has_energy() must hold.
  void energy(ConstMatrixRef x, VectorRef energy, Workspace& workspace) const;

  /// Columns of `states` (2n × m) from one chart to another, in place.
  static void convert(const System& system, Chart from, Chart to, Matrix& states);

 private:
  const System* system_;
  Chart chart_;
  std::shared_ptr<const DynamicsModel<double>> model_;
  Vector theta_;
  std::unique_ptr<VectorField<double>> field_;
};

/// "q", "p" or "q₁", "q₂", "p₁", "p₂" from the system's coordinates; units of each; half-widths
/// of the interesting ranges; whether the component is an angle. All 2n long.
std::vector<std::string> canonical_symbols(const System& system);
std::vector<std::string> canonical_units(const System& system);
std::vector<double> canonical_extents(const System& system);
std::vector<bool> canonical_periodic(const System& system);

}  // namespace least_action
