#include "io/run_file.h"

#include <utility>

#include "base/contract.h"
#include "io/byte_stream.h"
#include "io/crc32.h"
#include "io/run_sections.h"

namespace least_action {
namespace {

constexpr const char* kWhere = "Run file";
// Like PNG's: the first byte is no text, and the line ends show a transfer in text mode.
constexpr std::string_view kMagic("\x8cLAR\r\n\x1a\n", 8);
constexpr std::size_t kHeaderBytes = 8 + 4 + 8;
constexpr std::size_t kChecksumBytes = 4;
constexpr std::string_view kConfigTag = "CONF";
constexpr std::string_view kDatasetTag = "DATA";
constexpr std::string_view kModelTag = "MODL";

// What has to hold between the sections, written or read.
void check_run(const RunFile& run) {
  for (const Dataset& dataset : run.datasets) {
    check_part(kWhere, dataset.train, dataset.dimension());
    check_part(kWhere, dataset.test, dataset.dimension());
  }
  for (const ModelRecord& record : run.models) {
    if (record.dataset == -1) continue;
    const auto count = static_cast<Index>(run.datasets.size());
    if (record.dataset < 0 || record.dataset >= count) {
      fail(kWhere, "a model was trained on dataset " + std::to_string(record.dataset) +
                       ", but there are " + std::to_string(count) + " (−1: none)");
    }
    const Dataset& dataset = run.datasets[static_cast<std::size_t>(record.dataset)];
    if (dataset.degrees_of_freedom != record.spec.degrees_of_freedom) {
      fail(kWhere, "a model of " + std::to_string(record.spec.degrees_of_freedom) +
                       " degrees of freedom was trained on a dataset of " +
                       std::to_string(dataset.degrees_of_freedom));
    }
  }
}

void append_section(std::string_view tag, const ByteWriter& payload, ByteWriter& out) {
  out.append(tag);
  out.put(static_cast<std::uint64_t>(payload.size()));
  out.append(payload.bytes());
}

// The sections of a file that is whole and undamaged.
std::string_view checked_sections(std::string_view bytes) {
  if (bytes.size() > kMaxRunFileBytes) {
    fail(kWhere, "it has " + std::to_string(bytes.size()) + " bytes; at most " +
                     std::to_string(kMaxRunFileBytes) + " are read");
  }
  if (bytes.substr(0, kMagic.size()) != kMagic) {
    fail(kWhere, bytes.size() < kMagic.size()
                     ? "it has " + std::to_string(bytes.size()) + " bytes, too few for a run"
                     : "its first bytes are not those of a run; is it another kind of file?");
  }
  if (bytes.size() < kHeaderBytes + kChecksumBytes) {
    fail(kWhere, "it ends after " + std::to_string(bytes.size()) +
                     " bytes, inside its header; it is truncated");
  }
  ByteReader header(bytes.substr(kMagic.size()), "header");
  const auto version = header.get<std::uint32_t>();
  if (version != kRunFileVersion) {
    fail(kWhere, version > kRunFileVersion
                     ? "written in format " + std::to_string(version) +
                           ", this build reads up to " + std::to_string(kRunFileVersion) +
                           "; open it with a newer build"
                     : "its format is " + std::to_string(version) + ", which never existed");
  }
  const auto length = header.get<std::uint64_t>();
  if (length != bytes.size()) {
    fail(kWhere, "it says it has " + std::to_string(length) + " bytes, but there are " +
                     std::to_string(bytes.size()) +
                     (length > bytes.size() ? "; it is truncated" : "; it is damaged"));
  }
  const std::string_view covered = bytes.substr(0, bytes.size() - kChecksumBytes);
  ByteReader trailer(bytes.substr(covered.size()), "checksum");
  if (trailer.get<std::uint32_t>() != crc32(covered)) {
    fail(kWhere, "its checksum does not match its contents; it is damaged");
  }
  return covered.substr(kHeaderBytes);
}

}  // namespace

std::string write_run(const RunFile& run) {
  check_run(run);
  ByteWriter sections;
  ByteWriter config;
  config.append(run.config);
  append_section(kConfigTag, config, sections);
  for (const Dataset& dataset : run.datasets) {
    ByteWriter payload;
    write_dataset(dataset, payload);
    append_section(kDatasetTag, payload, sections);
  }
  for (const ModelRecord& record : run.models) {
    ByteWriter payload;
    write_model(record, payload);
    append_section(kModelTag, payload, sections);
  }
  const std::size_t length = kHeaderBytes + sections.size() + kChecksumBytes;
  if (length > kMaxRunFileBytes) {
    fail(kWhere, "the run would take " + std::to_string(length) + " bytes; at most " +
                     std::to_string(kMaxRunFileBytes) + " are written");
  }
  ByteWriter out;
  out.append(kMagic);
  out.put(kRunFileVersion);
  out.put(static_cast<std::uint64_t>(length));
  out.append(sections.bytes());
  out.put(crc32(out.bytes()));
  return out.bytes();
}

RunFile read_run(std::string_view bytes) {
  RunFile run;
  bool has_config = false;
  ByteReader sections(checked_sections(bytes), "list");
  while (sections.remaining() > 0) {
    const std::string_view tag = sections.get_bytes(4);
    const auto length = sections.get<std::uint64_t>();
    if (length > sections.remaining()) {
      fail(kWhere, "a section of " + std::to_string(length) + " bytes has " +
                       std::to_string(sections.remaining()) + " left");
    }
    const std::string_view payload = sections.get_bytes(static_cast<std::size_t>(length));
    ByteReader in(payload, std::string(tag));
    if (tag == kConfigTag) {
      if (std::exchange(has_config, true)) in.refuse("a second config was found");
      run.config = std::string(payload);
    } else if (tag == kDatasetTag) {
      run.datasets.push_back(read_dataset(in));
      in.finish();
    } else if (tag == kModelTag) {
      run.models.push_back(read_model(in));
      in.finish();
    }
  }
  check_run(run);
  return run;
}

}  // namespace least_action
