#pragma once

#include <memory>
#include <vector>

#include "systems/system.h"

namespace least_action {

/// One factory a system, each defined in the file of its name. Empty `values` mean the
/// defaults; all throw std::invalid_argument as `make_system` says.
std::unique_ptr<System> make_spring(const std::vector<double>& values);
std::unique_ptr<System> make_pendulum(const std::vector<double>& values);
std::unique_ptr<System> make_damped_pendulum(const std::vector<double>& values);
std::unique_ptr<System> make_double_pendulum(const std::vector<double>& values);
std::unique_ptr<System> make_duffing(const std::vector<double>& values);
std::unique_ptr<System> make_henon_heiles(const std::vector<double>& values);
std::unique_ptr<System> make_two_body(const std::vector<double>& values);
std::unique_ptr<System> make_coupled_oscillators(const std::vector<double>& values);

}  // namespace least_action
