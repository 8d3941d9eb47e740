#pragma once

#include <vector>

#include "train/trainer.h"

namespace least_action {

/// Makes `shown` equal to `newer`, the history of the same training later on, copying only what
/// is new: a history grows by little between two looks, and a rollback rewrites its end.
void update_history(const std::vector<HistoryEntry>& newer, std::vector<HistoryEntry>& shown);

}  // namespace least_action
