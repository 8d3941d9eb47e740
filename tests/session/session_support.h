#pragma once

#include <algorithm>
#include <string>

#include "session/session.h"

/// The default experiment (or the one of `query`), small enough for a test.
inline least_action::SessionConfig small(const std::string& query = "") {
  const std::string base =
      "models=hnn:8,8:tanh+node:8,8:tanh&trajectories=6&samples=10&batch=32";
  return least_action::parse_config(base + (query.empty() ? "" : "&" + query)).config;
}
