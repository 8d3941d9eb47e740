#include "session/session_config.h"

namespace least_action {

const std::vector<Preset>& presets() {
  static const std::vector<Preset> all = {
      {"pendulum", "Pendulum: energy kept or lost",
       "A Hamiltonian network and a plain neural ODE of the same size learn from the same "
       "motions. The first keeps its energy and closes its orbit, the second drifts away.",
       ""},
      {"lagrangian-pendulum", "Pendulum: a Lagrangian",
       "A Lagrangian network learns the pendulum from angles and velocities alone, without "
       "knowing its momentum.",
       "models=lnn:32,32:softplus+node:32,32:softplus&noise=0.01&clip=1"},
      {"spring", "Spring: the simplest oscillator",
       "A linear oscillator, observed with a little noise: small errors of a plain network "
       "add up to a spiral.",
       "system=spring&models=hnn:16,16:tanh+node:16,16:tanh&noise=0.02"},
      {"duffing", "Duffing: two wells",
       "A particle in a double well. Near the ridge between the wells a small error in energy "
       "decides on which side the motion ends.",
       "system=duffing&models=separable-hnn:32,32:tanh+node:32,32:tanh&duration=6"},
      {"henon-heiles", "Hénon–Heiles: order and chaos",
       "Two degrees of freedom between order and chaos: compare the Poincaré sections of the "
       "truth and of what was learned.",
       "system=henon-heiles&models=separable-hnn:32,32:tanh+node:32,32:tanh&trajectories=60"
       "&duration=6&lr=0.005&clip=1&schedule=warmup&warmup=300&steps=10000"},
      {"double-pendulum", "Double pendulum: a Lagrangian of chaos",
       "A Lagrangian network learns a chaotic system, mass matrix and all.",
       "system=double-pendulum&models=lnn:64,64:softplus&trajectories=120&lr=0.01&clip=1"
       "&schedule=warmup&warmup=500&steps=20000"},
      {"kepler", "Kepler: an orbit that closes",
       "Two bodies under gravity: the Hamiltonian network keeps the ellipse, the plain one "
       "loses it.",
       "system=two-body&models=hnn:64,64:tanh+node:64,64:tanh&trajectories=100&duration=6"
       "&lr=0.005&clip=1&schedule=warmup&warmup=300&steps=12000"},
      {"damped", "Damped pendulum: where a Hamiltonian must fail",
       "Friction takes energy, and a Hamiltonian network cannot lose any: here the plain "
       "neural "
       "ODE is right.",
       "system=damped-pendulum&x0=1.5,0"},
      {"residual", "Residual network: a map, not a flow",
       "Each block of a residual network is one Euler step. It learns a map for one time step; "
       "choose the integrator rk4 and its orbit falls apart, while the neural ODE's stays.",
       "models=resnet:32,32:tanh+node:32,32:tanh&loss=trajectory&segment=4&batch=32&periods=5"},
      {"noisy", "Noise and irregular times",
       "Only noisy positions and velocities at irregular times, no derivatives: segments of "
       "trajectories are matched through the solver.",
       "noise=0.05&irregular=1&trajectories=60&loss=trajectory&segment=5&batch=16"},
      {"gaps", "Irregular times, half of it missing",
       "Every second number of the record is missing, at irregular times: segments start where "
       "a "
       "state is whole and are compared with whatever was seen of the rest.",
       "noise=0.01&irregular=1&missing=0.5&trajectories=100&loss=trajectory&segment=5&batch="
       "32"},
      {"positions", "Positions only: the action",
       "No velocities, no momenta, no solver: a Lagrangian network is trained so that the "
       "observed "
       "positions make its action stationary.",
       "models=lnn:32,32:softplus&loss=action&samples=60&lr=0.01&clip=1&schedule=warmup"
       "&warmup=200&steps=10000"},
      {"adjoint", "Adaptive training by the symplectic adjoint",
       "Long segments are solved at steps of their own choosing, and the exact gradient comes "
       "back through them with the memory of one network evaluation. Compare it with the full "
       "tape.",
       "loss=trajectory&segment=12&batch=32&train-method=dopri5&train-rtol=1e-4&pins=0.7,0;2.2,"
       "0"},
  };
  return all;
}

}  // namespace least_action
