#include "session/learner_file.h"

#include <cstdio>
#include <string>
#include <utility>
#include <variant>

#include "base/contract.h"
#include "io/byte_stream.h"
#include "io/crc32.h"
#include "io/run_sections.h"
#include "train/optimizer.h"

namespace least_action {
namespace {

constexpr const char* kWhere = "Run file";
constexpr std::string_view kTag = "least-action-learner";

[[noreturn]] void refuse(const std::string& reason) { fail(kWhere, reason); }

// least-action-learner 1 seed=00000000000000ff data=0badcafe
std::string config_of(const LearnerRecord& record) {
  char numbers[64];
  std::snprintf(numbers, sizeof numbers,
                " 1 seed=%016llx data=", static_cast<unsigned long long>(record.seed));
  std::string config = std::string(kTag) + numbers;
  if (!record.data) return config + "none";
  std::snprintf(numbers, sizeof numbers, "%08lx", static_cast<unsigned long>(*record.data));
  return config + numbers;
}

bool take(std::string_view prefix, std::string_view& text) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool take_hexadecimal(std::size_t digits, std::string_view& text, std::uint64_t& value) {
  if (text.size() < digits) return false;
  value = 0;
  for (const char c : text.substr(0, digits)) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && !(c >= 'a' && c <= 'f')) return false;
    value = 16 * value + static_cast<std::uint64_t>(is_digit ? c - '0' : c - 'a' + 10);
  }
  text.remove_prefix(digits);
  return true;
}

void read_config(std::string_view text, LearnerRecord& record) {
  if (!is_learner_config(text)) {
    refuse("it holds an experiment of several parts, not a single model; a session opens it");
  }
  std::uint64_t data = 0;
  bool good = take(kTag, text) && take(" 1 seed=", text) &&
              take_hexadecimal(16, text, record.seed) && take(" data=", text);
  if (good && text == "none") return;
  good = good && take_hexadecimal(8, text, data) && text.empty();
  if (!good) refuse("its settings are not those of a model that this build knows");
  record.data = static_cast<std::uint32_t>(data);
}

/// All that can be checked of a state without the dataset.
template <class S>
void check_state(const typename Trainer<S>::State& state, const TrainerOptions& options,
                 Index n) {
  const auto check = [&](const char* name, const VectorX<S>& values) {
    if (values.size() != n) fail_size(kWhere, name, values.size(), n, "parameters");
    if (!values.allFinite()) refuse(std::string(name) + " holds a number that is not finite");
  };
  check("theta", state.theta);
  check("good_theta", state.good_theta);
  const std::size_t moments = make_optimizer<S>(options)->start(1).moments.size();
  for (const auto* all : {&state.optimizer_moments, &state.good_moments}) {
    if (all->size() != moments) {
      fail_size(kWhere, "an optimiser's state", static_cast<Index>(all->size()),
                static_cast<Index>(moments), "vectors of this optimiser");
    }
    for (const VectorX<S>& moment : *all) check("an optimiser's state", moment);
  }
  if (state.step < 0) refuse("its number of steps is negative");
}

}  // namespace

std::uint32_t fingerprint(const Dataset& dataset) {
  ByteWriter bytes;
  write_dataset(dataset, bytes);
  return crc32(bytes.bytes());
}

bool is_learner_config(std::string_view config) {
  return config.substr(0, kTag.size()) == kTag;
}

std::string write_learner(const LearnerRecord& record) {
  RunFile run;
  run.config = config_of(record);
  run.models.push_back(record.model);
  run.models.back().dataset = -1;
  return write_run(run);
}

LearnerRecord read_learner(std::string_view bytes) {
  RunFile run = read_run(bytes);
  LearnerRecord record;
  read_config(run.config, record);
  if (run.models.size() != 1 || !run.datasets.empty()) {
    refuse("it holds " + std::to_string(run.models.size()) + " models and " +
           std::to_string(run.datasets.size()) + " datasets; expected one model alone");
  }
  record.model = std::move(run.models[0]);
  const Index n = make_model<float>(record.model.spec)->num_parameters();
  if (!record.data) {
    const auto* state = std::get_if<Trainer<double>::State>(&record.model.state);
    if (state == nullptr || state->theta.size() != n || !state->theta.allFinite()) {
      refuse("its parameters are not those of its model");
    }
    return record;
  }
  std::visit(
      [&](const auto& state) {
        using S = typename std::decay_t<decltype(state.theta)>::Scalar;
        check_state<S>(state, record.model.options, n);
      },
      record.model.state);
  return record;
}

}  // namespace least_action
