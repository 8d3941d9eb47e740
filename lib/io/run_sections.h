#pragma once

#include "data/dataset.h"
#include "io/byte_stream.h"
#include "io/run_file.h"

namespace least_action {

/// The payloads of a run file's sections. `write_…` appends to the writer; `read_…` throws
/// std::invalid_argument "Run file: …" for contents that make no sense.
void write_dataset(const Dataset& dataset, ByteWriter& out);
Dataset read_dataset(ByteReader& in);

void write_model(const ModelRecord& record, ByteWriter& out);
ModelRecord read_model(ByteReader& in);

}  // namespace least_action
