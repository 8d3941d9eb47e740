#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "data/dataset.h"
#include "models/dynamics_model.h"
#include "train/trainer.h"

namespace least_action {

/// One model of a run: what it is, how it is trained, and how far that has come.
struct ModelRecord {
  ModelSpec spec;
  TrainerOptions options;
  Index dataset = 0;  ///< Which of RunFile::datasets it is trained on; −1: none of them.
  std::variant<Trainer<float>::State, Trainer<double>::State> state;
};

/// Everything a run is made of. `config` is text of the writer's own (a session's settings).
struct RunFile {
  std::string config;
  std::vector<Dataset> datasets;
  std::vector<ModelRecord> models;
};

/// The newest format this build writes and reads.
inline constexpr std::uint32_t kRunFileVersion = 1;
/// No file is longer (256 MiB), so that a host may refuse one before reading it.
inline constexpr std::size_t kMaxRunFileBytes = std::size_t{1} << 28;

/// The run as one file, the same bytes for the same run on every platform:
///
///   magic (8 bytes) · version u32 · length of the whole file u64
///   sections: tag (4 bytes) · length u64 · payload
///   CRC-32 (IEEE 802.3) of all the bytes before it
///
/// All numbers are little-endian; floating-point numbers are their IEEE 754 bits, so NaN and ±∞
/// survive; enumerations are written by name. A reader skips sections it does not know: what
/// adds a section need not raise the version.
/// Throws std::invalid_argument "Run file: …" where the run would not be read back (longer than
/// kMaxRunFileBytes, a record of a dataset that is not there, trajectories of the wrong shape
/// or order).
std::string write_run(const RunFile& run);

/// Reads what `write_run` wrote, bit for bit. Throws std::invalid_argument "Run file: …" with
/// the reason for anything else: another kind of file, a future version, a truncated, damaged
/// or oversized one, or contents that make no sense. Every length in the file is compared with
/// the bytes that are there before anything of that size is allocated.
RunFile read_run(std::string_view bytes);

}  // namespace least_action
