#include "io/byte_stream.h"

#include <limits>
#include <utility>

#include "base/contract.h"

namespace least_action {

void ByteWriter::put_text(std::string_view text) {
  put_index(static_cast<Index>(text.size()));
  append(text);
}

void ByteWriter::put_indices(const std::vector<Index>& values) {
  put_index(static_cast<Index>(values.size()));
  for (const Index value : values) put_index(value);
}

ByteReader::ByteReader(std::string_view bytes, std::string section)
    : bytes_(bytes), section_(std::move(section)) {}

void ByteReader::refuse(const std::string& what) const {
  fail("Run file", "in its section " + section_ + ", " + what);
}

void ByteReader::require(std::size_t count) const {
  if (count <= remaining()) return;
  refuse("byte " + std::to_string(position_) + ": " + std::to_string(count) +
         " more bytes are needed, but " + std::to_string(remaining()) + " are left");
}

void ByteReader::finish() const {
  if (remaining() > 0) refuse(std::to_string(remaining()) + " bytes are left over at its end");
}

bool ByteReader::get_flag() {
  const auto flag = get<std::uint8_t>();
  if (flag > 1) refuse("a flag is " + std::to_string(flag) + "; it must be 0 or 1");
  return flag == 1;
}

Index ByteReader::get_index() {
  const auto value = get<std::int64_t>();
  // Index has 32 bits in WebAssembly.
  if (value < std::numeric_limits<Index>::min() || value > std::numeric_limits<Index>::max()) {
    refuse("the number " + std::to_string(value) + " is beyond what this build can count");
  }
  return static_cast<Index>(value);
}

Index ByteReader::get_count(std::size_t bytes_each) {
  const auto count = get<std::int64_t>();
  if (count < 0 || static_cast<std::uint64_t>(count) > remaining() / bytes_each) {
    refuse("a length is " + std::to_string(count) + ", but only " +
           std::to_string(remaining()) + " bytes are left");
  }
  return static_cast<Index>(count);
}

std::string ByteReader::get_text() {
  return std::string(get_bytes(static_cast<std::size_t>(get_count(1))));
}

std::vector<Index> ByteReader::get_indices() {
  std::vector<Index> values(static_cast<std::size_t>(get_count(sizeof(std::int64_t))));
  for (Index& value : values) value = get_index();
  return values;
}

Matrix ByteReader::get_entries(Index rows, Index cols) {
  const std::size_t available = remaining() / sizeof(double);
  if (rows > 0 && static_cast<std::size_t>(cols) > available / static_cast<std::size_t>(rows)) {
    refuse("a table is " + std::to_string(rows) + " × " + std::to_string(cols) + ", but only " +
           std::to_string(remaining()) + " bytes are left");
  }
  Matrix values(rows, cols);
  for (Index i = 0; i < values.size(); ++i) values.data()[i] = get<double>();
  return values;
}

std::string_view ByteReader::get_bytes(std::size_t count) {
  require(count);
  const std::string_view view = bytes_.substr(position_, count);
  position_ += count;
  return view;
}

}  // namespace least_action
