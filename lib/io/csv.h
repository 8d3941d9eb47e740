#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"
#include "train/trainer.h"

namespace least_action {

/// A dataset as comma-separated values, one line a sample:
///
///   part,trajectory,t,q1,…,qn,p1,…,pn,dq1,…,dqn,dp1,…,dpn
///
/// `part` is train or test; `trajectory` counts from 0 in each part; in the velocity chart the
/// columns are v1,…,vn and dv1,…,dvn instead of p and dp. Numbers are written so that they read
/// back as the same doubles; what was not observed (NaN) is an empty field. Lines end in "\n".
std::string write_dataset_csv(const Dataset& dataset);

/// Reads such a table, from this program or a person: the header says chart and degrees of
/// freedom; CR LF, a byte-order mark and empty lines are let through; an empty field is a
/// component that was not observed, but part, trajectory and t are always there; the samples of
/// a trajectory stand together, in order of time. Throws std::invalid_argument "Dataset CSV:
/// line 12: …" at the first thing that is wrong.
Dataset read_dataset_csv(std::string_view text);

/// The learning curve of one model.
struct NamedHistory {
  std::string name;
  std::vector<HistoryEntry> history;
};

/// model,step,train_loss,test_loss,learning_rate — one line an entry, "nan" where there is no
/// test loss. A name with a comma or a quote is quoted.
std::string write_history_csv(const std::vector<NamedHistory>& histories);

}  // namespace least_action
