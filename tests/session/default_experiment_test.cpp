#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "session_support.h"

using namespace least_action;

TEST_SUITE("session/default_experiment") {
  // Oracle: the claim of Greydanus et al. 2019, with both models of one width, one optimiser
  // and one data set. A plain network's drift passes through zero now and then (its orbit grows
  // for some θ and shrinks for others), so the claim is about the median over seeds and
  // moments.
  TEST_CASE("the Hamiltonian network keeps its energy ten times better than the plain one") {
    std::vector<double> ratios;
    double worst = 0;
    for (const std::string seed : {"1", "2", "3"}) {
      Session session(parse_config("seed=" + seed).config);
      session.advance(600);
      for (int moment = 0; moment < 3; ++moment) {
        session.advance(200);
        session.refresh();
        const std::vector<ModelView>& models = session.view().models;
        REQUIRE(models[0].trajectory.status == "");
        worst = std::max(worst, models[0].energy_drift);
        ratios.push_back(models[1].energy_drift / models[0].energy_drift);
      }
    }
    std::nth_element(ratios.begin(), ratios.begin() + 4, ratios.end());
    CHECK(ratios[4] > 10);
    CHECK(worst < 0.03);
  }

  // The counterpart: where energy is lost, a network that cannot lose any is the wrong one.
  TEST_CASE("on the damped pendulum the plain network wins") {
    Session session(parse_config("preset=damped").config);
    session.advance(800);
    session.refresh();
    const std::vector<ModelView>& models = session.view().models;
    CHECK(models[1].test_loss < 0.5 * models[0].test_loss);
    CHECK(models[1].trajectory_error < 0.5 * models[0].trajectory_error);
  }

  // Oracle: the loss itself; M stays invertible enough to train (no rollback).
  TEST_CASE("a Lagrangian network learns the double pendulum") {
    SessionConfig config = parse_config("preset=double-pendulum").config;
    config.models = {{ModelKind::kLagrangian, {32, 32}, Activation::kSoftplus, 1}};
    config.training.warmup_steps = 100;
    config.rollout_periods = 0.5;
    Session session(config);
    session.advance(20);
    const double before = session.view().models[0].train_loss;
    session.advance(980);
    const ModelView& model = session.view().models[0];
    CHECK(model.train_loss < 0.2 * before);
    CHECK(model.status == TrainingStatus::kRunning);
    CHECK(model.message == "");
  }
}
