#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/types.h"
#include "mechanics/chart.h"
#include "ode/vector_field.h"

namespace least_action {

/// A physical parameter: what it is, in which unit, and what values make sense.
struct SystemParameter {
  std::string name;    ///< Key in files and links: "mass".
  std::string symbol;  ///< For people: "m".
  std::string unit;    ///< "kg"; empty for a pure number.
  double default_value, minimum, maximum;
  std::string description;
};

/// A generalized coordinate.
struct SystemCoordinate {
  std::string symbol;           ///< "q", "q₁", "x".
  std::string unit;             ///< "rad", "m".
  bool periodic = false;        ///< An angle: q and q + 2π are the same configuration.
  double typical_position = 1;  ///< Half-width of the interesting range of q.
  double typical_velocity = 1;  ///< … of q̇ (default parameters).
  double typical_momentum = 1;  ///< … of p.
};

/// How to draw a configuration: bodies, and rods or springs between them. Lengths in the
/// system's own unit; the origin is the pivot or centre of mass, y points up.
struct SceneBody {
  double x, y, radius;
};
struct SceneLink {
  enum class Kind { kRod, kSpring, kOrbit };
  Kind kind;
  double x0, y0, x1, y1;
};
struct Scene {
  std::vector<SceneBody> bodies;
  std::vector<SceneLink> links;
};

/// A mechanical system with exact equations. Immutable. Energies in J, time in s (or the
/// system's natural units, as `title` says).
///
/// Conservative systems obey d/dt ∂L/∂q̇ = ∂L/∂q and q̇ = ∂H/∂p, ṗ = −∂H/∂q; a damped one adds
/// the generalized force Q(q, q̇) to the right of the first and of ṗ.
class System {
 public:
  virtual ~System() = default;

  virtual std::string_view name() const = 0;         ///< "pendulum", "double-pendulum", …
  virtual std::string_view title() const = 0;        ///< "Double pendulum"
  virtual std::string_view description() const = 0;  ///< One or two sentences with L and H.
  virtual Index degrees_of_freedom() const = 0;
  Index dimension() const { return 2 * degrees_of_freedom(); }
  virtual const std::vector<SystemParameter>& parameters() const = 0;
  virtual const std::vector<double>& values() const = 0;  ///< In the order of `parameters`.
  virtual const std::vector<SystemCoordinate>& coordinates() const = 0;
  virtual bool is_conservative() const { return true; }
  /// H = T(p) + V(q).
  virtual bool is_separable() const = 0;

  /// L(q, q̇) and H(q, p); vectors of size n.
  virtual double lagrangian(ConstVectorRef q, ConstVectorRef q_dot) const = 0;
  virtual double hamiltonian(ConstVectorRef q, ConstVectorRef p) const = 0;
  /// Writes p = ∂L/∂q̇ and its inverse q̇ = ∂H/∂p.
  virtual void momentum(ConstVectorRef q, ConstVectorRef q_dot, VectorRef p) const = 0;
  virtual void velocity(ConstVectorRef q, ConstVectorRef p, VectorRef q_dot) const = 0;
  /// Writes q̈ of the Euler–Lagrange equations (with the damping force, if any).
  virtual void acceleration(ConstVectorRef q, ConstVectorRef q_dot, VectorRef q_ddot) const = 0;
  /// Writes ṗ of Hamilton's equations (with the damping force, if any).
  virtual void force(ConstVectorRef q, ConstVectorRef p, VectorRef p_dot) const = 0;
  /// Writes ∂ẋ/∂x (2n × 2n) of the first-order system in `chart` at x.
  virtual void jacobian(Chart chart, ConstVectorRef x, MatrixRef jacobian) const = 0;

  /// Energy of a state in `chart`: H(q, p), or T + V.
  double energy(Chart chart, ConstVectorRef x) const;
  /// Writes `x` (2n), given in `from`, to `y` in `to`. x and y may be the same vector.
  void convert(Chart from, Chart to, ConstVectorRef x, VectorRef y) const;

  /// A random state (2n, in `chart`) of the sampling region: bounded motion that shows what the
  /// system does.
  virtual void sample_state(Random& random, Chart chart, VectorRef x) const = 0;
  /// A state (2n, canonical) worth looking at first, and a time that shows its motion: about
  /// one period, or the natural time scale where motion is not periodic.
  virtual void typical_state(VectorRef x) const = 0;
  virtual double typical_period() const = 0;

  /// Bodies and links at a configuration q (n); `extent` is the half-size of the view that
  /// holds every motion of the sampling region.
  virtual Scene scene(ConstVectorRef q) const = 0;
  virtual double scene_extent() const = 0;

  /// A Poincaré section worth taking where n ≥ 2: which state component (canonical) crosses
  /// zero upwards. −1 where there is none.
  virtual Index section_component() const { return -1; }
};

struct SystemTraits {
  std::string_view name, title;
};
/// spring, pendulum, damped-pendulum, double-pendulum, duffing, henon-heiles, two-body,
/// coupled-oscillators.
const std::vector<SystemTraits>& systems();
/// Builds a system; `values` empty for the defaults. Throws std::invalid_argument for an
/// unknown name (naming the known ones), a wrong number of values or one outside [minimum,
/// maximum].
std::unique_ptr<System> make_system(std::string_view name,
                                    const std::vector<double>& values = {});

/// The exact equations of a system in a chart, as a vector field (vjp and jvp by the exact
/// Jacobian). Refers to the system, which must outlive it. Separable where the system is, it is
/// conservative, and the chart is canonical.
class SystemField final : public VectorField<double> {
 public:
  SystemField(const System& system, Chart chart);
  Index dimension() const override;
  std::unique_ptr<Tape> make_tape(Index capacity) const override;
  void forward(ConstVectorRef t, ConstMatrixRef x, MatrixRef x_dot, Tape& tape) const override;
  void vjp(ConstMatrixRef w, MatrixRef x_bar, VectorRef theta_bar, Tape& tape) const override;
  void jvp(ConstMatrixRef v, MatrixRef x_dot_tangent, Tape& tape) const override;
  bool is_separable() const override;
  void velocity(ConstVectorRef t, ConstMatrixRef p, MatrixRef q_dot, Tape& tape) const override;
  void force(ConstVectorRef t, ConstMatrixRef q, MatrixRef p_dot, Tape& tape) const override;

 private:
  const System* system_;
  Chart chart_;
};

}  // namespace least_action
