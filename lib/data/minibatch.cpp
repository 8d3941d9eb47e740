#include "data/minibatch.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "base/contract.h"

namespace least_action {
namespace {

std::size_t checked_count(Index count) {
  if (count < 1) fail_value("Minibatches", "count", static_cast<double>(count), "at least 1");
  return static_cast<std::size_t>(count);
}

std::size_t effective_batch_size(Index count, Index batch_size) {
  if (batch_size < 0) {
    fail_value("Minibatches", "batch_size", static_cast<double>(batch_size),
               "positive, or 0 for the full batch");
  }
  return static_cast<std::size_t>(batch_size == 0 ? count : std::min(batch_size, count));
}

bool is_permutation_of_range(const std::vector<Index>& indices) {
  std::vector<bool> seen(indices.size(), false);
  for (const Index index : indices) {
    if (index < 0 || index >= static_cast<Index>(indices.size())) return false;
    if (seen[static_cast<std::size_t>(index)]) return false;
    seen[static_cast<std::size_t>(index)] = true;
  }
  return true;
}

}  // namespace

Minibatches::Minibatches(Index count, Index batch_size, const Random& random)
    : permutation_(checked_count(count)),
      batch_(effective_batch_size(count, batch_size)),
      random_(random) {
  std::iota(permutation_.begin(), permutation_.end(), Index{0});
  std::iota(batch_.begin(), batch_.end(), Index{0});
  if (this->batch_size() < count) shuffle();
}

void Minibatches::shuffle() {
  for (std::size_t i = permutation_.size(); i > 1; --i) {
    std::swap(permutation_[i - 1], permutation_[static_cast<std::size_t>(random_.below(i))]);
  }
  position_ = 0;
}

std::span<const Index> Minibatches::next() {
  if (batch_size() == count()) return batch_;
  for (Index& index : batch_) {
    if (position_ == count()) shuffle();
    index = permutation_[static_cast<std::size_t>(position_++)];
  }
  return batch_;
}

Minibatches::State Minibatches::state() const {
  return {permutation_, position_, random_.state()};
}

void Minibatches::set_state(const State& state) {
  constexpr std::string_view kWhere = "Minibatches::set_state";
  if (state.permutation.size() != permutation_.size()) {
    fail_size(kWhere, "permutation", static_cast<Index>(state.permutation.size()), count(),
              "indices");
  }
  if (!is_permutation_of_range(state.permutation)) {
    fail(kWhere, "permutation does not hold each index once; the state is damaged");
  }
  if (state.position < 0 || state.position > count()) {
    fail_value(kWhere, "position", static_cast<double>(state.position),
               "between 0 and " + std::to_string(count()));
  }
  random_.set_state(state.random);  // Throws before anything changes.
  permutation_ = state.permutation;
  position_ = state.position;
}

}  // namespace least_action
