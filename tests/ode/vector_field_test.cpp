#include "ode/vector_field.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "support/function_field.h"

using namespace least_action;
using namespace least_action::testing;

TEST_SUITE("ode/vector_field") {
  TEST_CASE("a field that is not separable refuses velocity and force") {
    const FunctionField field(2, [](double, ConstVectorRef x, VectorRef x_dot) { x_dot = x; });
    const auto tape = field.make_tape(1);
    const Vector t = Vector::Zero(1);
    const Matrix half = Matrix::Zero(1, 1);
    Matrix out = half;
    CHECK_FALSE(field.is_separable());
    CHECK(field.num_parameters() == 0);
    CHECK_THROWS_AS(field.velocity(t, half, out, *tape), std::logic_error);
    CHECK_THROWS_AS(field.force(t, half, out, *tape), std::logic_error);
  }
}
