#include "maps/isotonic_regression.h"

#include <vector>

#include "base/contract.h"

namespace least_action {

Vector isotonic_regression(ConstVectorRef y) {
  if (y.size() == 0) fail("isotonic_regression", "y is empty; expected at least one value");
  if (!y.allFinite()) fail("isotonic_regression", "y holds a number that is not finite");
  struct Pool {
    double sum;
    Index count;
    double mean() const { return sum / static_cast<double>(count); }
  };
  std::vector<Pool> pools;
  for (Index i = 0; i < y.size(); ++i) {
    Pool pool{y[i], 1};
    while (!pools.empty() && pools.back().mean() >= pool.mean()) {
      pool.sum += pools.back().sum;
      pool.count += pools.back().count;
      pools.pop_back();
    }
    pools.push_back(pool);
  }
  Vector fitted(y.size());
  Index at = 0;
  for (const Pool& pool : pools) {
    fitted.segment(at, pool.count).setConstant(pool.mean());
    at += pool.count;
  }
  return fitted;
}

}  // namespace least_action
