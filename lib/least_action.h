#pragma once

/// Everything of the library at once. Each header can also be included alone.

#include "analysis/metrics.h"
#include "data/dataset.h"
#include "io/csv.h"
#include "io/run_file.h"
#include "mechanics/euler_lagrange.h"
#include "models/dynamics_model.h"
#include "nn/initializer.h"
#include "nn/mlp.h"
#include "nn/mlp_derivatives.h"
#include "nn/mlp_tangents.h"
#include "ode/solver.h"
#include "sensitivity/discrete_adjoint.h"
#include "session/session.h"
#include "systems/system.h"
#include "train/trainer.h"
