#include "ode/tableau.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

using namespace least_action;

namespace {

/// Elementary weights Φ(τ) and 1/γ(τ) of the 17 rooted trees of up to 5 nodes (Hairer, Nørsett
/// & Wanner, Solving ODEs I, §II.2): the method has order p where bᵀφ = 1/γ for all of ≤ p
/// nodes.
struct Tree {
  int nodes;
  Vector phi;
  double inverse_gamma;
};

std::vector<Tree> trees(const ButcherTableau& tableau) {
  const Matrix& a = tableau.a;
  const Vector& c = tableau.c;
  const Vector one = Vector::Ones(c.size());
  const Vector c2 = c.cwiseProduct(c), c3 = c2.cwiseProduct(c), c4 = c3.cwiseProduct(c);
  const Vector ac = a * c, ac2 = a * c2, ac3 = a * c3, aac = a * ac;
  const Vector acac = a * c.cwiseProduct(ac), aac2 = a * ac2, aaac = a * aac;
  return {{1, one, 1},
          {2, c, 1.0 / 2},
          {3, c2, 1.0 / 3},
          {3, ac, 1.0 / 6},
          {4, c3, 1.0 / 4},
          {4, c.cwiseProduct(ac), 1.0 / 8},
          {4, ac2, 1.0 / 12},
          {4, aac, 1.0 / 24},
          {5, c4, 1.0 / 5},
          {5, c2.cwiseProduct(ac), 1.0 / 10},
          {5, ac.cwiseProduct(ac), 1.0 / 20},
          {5, c.cwiseProduct(ac2), 1.0 / 15},
          {5, ac3, 1.0 / 20},
          {5, c.cwiseProduct(aac), 1.0 / 30},
          {5, acac, 1.0 / 40},
          {5, aac2, 1.0 / 60},
          {5, aaac, 1.0 / 120}};
}

/// The largest p ≤ 5 whose conditions hold for weights that should integrate to σ.
int order_of(const ButcherTableau& tableau, const Vector& weights, double sigma = 1) {
  int order = 5;
  for (const Tree& tree : trees(tableau)) {
    const double expected = std::pow(sigma, tree.nodes) * tree.inverse_gamma;
    if (std::abs(weights.dot(tree.phi) - expected) > 1e-14) {
      order = std::min(order, tree.nodes - 1);
    }
  }
  return order;
}

}  // namespace

TEST_SUITE("ode/tableau") {
  TEST_CASE("every tableau satisfies the order conditions of its order and no more") {
    // Oracle: analytic (rooted trees).
    for (const ButcherTableau* tableau :
         {&euler_tableau(), &midpoint_tableau(), &rk4_tableau(), &dormand_prince_tableau(),
          &tsitouras_tableau(), &bogacki_shampine_tableau()}) {
      CAPTURE(std::string(tableau->name));
      CHECK(order_of(*tableau, tableau->b) == tableau->order);
    }
  }

  TEST_CASE("rows of A sum to c and A is strictly lower triangular") {
    for (const ButcherTableau* tableau :
         {&euler_tableau(), &midpoint_tableau(), &rk4_tableau(), &dormand_prince_tableau(),
          &tsitouras_tableau(), &bogacki_shampine_tableau(), &dormand_prince_853_tableau()}) {
      CAPTURE(std::string(tableau->name));
      const Vector row_sums = tableau->a.rowwise().sum();
      CHECK((row_sums - tableau->c).cwiseAbs().maxCoeff() < 1e-14);
      const Matrix upper = tableau->a.triangularView<Eigen::Upper>();
      CHECK(upper.isZero(0));
    }
  }

  TEST_CASE("embedded weights have the order of their estimate") {
    // Oracle: analytic (rooted trees).
    for (const ButcherTableau* tableau :
         {&dormand_prince_tableau(), &tsitouras_tableau(), &bogacki_shampine_tableau()}) {
      CAPTURE(std::string(tableau->name));
      CHECK(order_of(*tableau, tableau->b - tableau->error) == tableau->error_order);
    }
  }

  TEST_CASE("DOP853 meets the conditions up to order 5, its estimates those of 5 and 3") {
    // Oracle: analytic (rooted trees); its order 8 shows in adaptive_runge_kutta_test.
    const ButcherTableau& tableau = dormand_prince_853_tableau();
    for (const Tree& tree : trees(tableau)) {
      CHECK(std::abs(tableau.b.dot(tree.phi) - tree.inverse_gamma) < 1e-13);
      const bool is_up_to_3 = tree.nodes <= 3;
      CHECK(std::abs(tableau.error.dot(tree.phi)) < 1e-13);
      CHECK((std::abs(tableau.second_error.dot(tree.phi)) < 1e-13) == is_up_to_3);
    }
  }

  TEST_CASE("the dense outputs have their orders inside the step") {
    // Oracle: analytic (rooted trees with the time σ).
    Vector weights(7), four(4);
    for (const double sigma : {0.1, 0.25, 0.5, 0.7, 0.95}) {
      CAPTURE(sigma);
      for (const ButcherTableau* tableau : {&dormand_prince_tableau(), &tsitouras_tableau()}) {
        CAPTURE(std::string(tableau->name));
        dense_weights(*tableau, sigma, weights);
        CHECK(order_of(*tableau, weights, sigma) == 4);
      }
      dense_weights(bogacki_shampine_tableau(), sigma, four);
      CHECK(order_of(bogacki_shampine_tableau(), four, sigma) == 3);
    }
  }

  TEST_CASE("the limits of stability on the negative real axis are the known ones") {
    // Oracle: analytic: |1 − x| and the cubic of order 3, 2.5127; RK4 2.7853, Dormand–Prince
    // 3.3066 (Hairer & Wanner, Solving ODEs II, §IV.2).
    CHECK(real_stability_limit(euler_tableau()) == doctest::Approx(2).epsilon(1e-9));
    CHECK(real_stability_limit(bogacki_shampine_tableau()) ==
          doctest::Approx(2.51275).epsilon(1e-4));
    CHECK(real_stability_limit(rk4_tableau()) == doctest::Approx(2.78529).epsilon(1e-4));
    CHECK(real_stability_limit(dormand_prince_tableau()) ==
          doctest::Approx(3.3066).epsilon(1e-4));
  }

  TEST_CASE("the dense output begins and ends at the step with the rates of its ends") {
    // Oracle: analytic: b(0) = 0, b(1) = b, b'(0) = e₁, b'(1) = e₇.
    const ButcherTableau& tableau = dormand_prince_tableau();
    Vector at(7), near(7);
    const double step = 1e-7;
    dense_weights(tableau, 0, at);
    CHECK(at.isZero(0));
    dense_weights(tableau, step, near);
    CHECK((near / step - Vector::Unit(7, 0)).cwiseAbs().maxCoeff() < 1e-5);
    dense_weights(tableau, 1, at);
    CHECK((at - tableau.b).cwiseAbs().maxCoeff() < 1e-15);
    dense_weights(tableau, 1 - step, near);
    CHECK(((at - near) / step - Vector::Unit(7, 6)).cwiseAbs().maxCoeff() < 1e-5);
  }

  TEST_CASE("dense output is refused where there is none and for a wrong size") {
    Vector four(4), six(6);
    CHECK_THROWS_WITH_AS(dense_weights(rk4_tableau(), 0.5, four),
                         "dense_weights: Runge–Kutta 4 has no dense output",
                         std::invalid_argument);
    CHECK_THROWS_AS(dense_weights(dormand_prince_tableau(), 0.5, six), std::invalid_argument);
  }
}
