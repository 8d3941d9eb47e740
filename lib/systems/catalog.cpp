#include "systems/catalog.h"

#include <string>

#include "base/contract.h"
#include "base/unknown_name.h"

namespace least_action {
namespace {

using Factory = std::unique_ptr<System> (*)(const std::vector<double>& values);

/// To add a system: its file, its declaration in catalog.h, and one line here.
constexpr Factory kFactories[] = {
    make_spring,  make_pendulum,     make_damped_pendulum, make_double_pendulum,
    make_duffing, make_henon_heiles, make_two_body,        make_coupled_oscillators,
};

}  // namespace

const std::vector<SystemTraits>& systems() {
  static const std::vector<SystemTraits> traits = [] {
    std::vector<SystemTraits> built;
    for (const Factory make : kFactories) {
      const auto system = make({});
      built.push_back({system->name(), system->title()});
    }
    return built;
  }();
  return traits;
}

std::unique_ptr<System> make_system(std::string_view name, const std::vector<double>& values) {
  const std::vector<SystemTraits>& known = systems();
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i].name == name) return kFactories[i](values);
  }
  fail_unknown("make_system", "system", name,
               names_of(known, [](const SystemTraits& each) { return each.name; }));
}

}  // namespace least_action
