#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/types.h"

namespace least_action {

/// The unsigned integer with the bits of an arithmetic type.
template <class T>
using BitsOf =
    std::conditional_t<sizeof(T) == 8, std::uint64_t,
                       std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint8_t>>;

/// Appends numbers as their bits, little-endian on every platform.
class ByteWriter final {
 public:
  template <class T>
  void put(T value) {
    static_assert(std::is_arithmetic_v<T> &&
                  (sizeof(T) == 8 || sizeof(T) == 4 || sizeof(T) == 1));
    BitsOf<T> bits;
    std::memcpy(&bits, &value, sizeof bits);
    for (std::size_t i = 0; i < sizeof bits; ++i) {
      bytes_.push_back(static_cast<char>((bits >> (8 * i)) & 0xFFu));
    }
  }
  void put_index(Index value) { put(static_cast<std::int64_t>(value)); }
  /// Length and characters.
  void put_text(std::string_view text);
  /// Length and entries.
  void put_indices(const std::vector<Index>& values);
  /// The entries alone, column by column: the reader has to know how many.
  template <class S>
  void put_entries(const MatrixX<S>& values) {
    for (Index i = 0; i < values.size(); ++i) put(values.data()[i]);
  }
  /// Length and entries.
  template <class S>
  void put_vector(const VectorX<S>& values) {
    put_index(values.size());
    for (Index i = 0; i < values.size(); ++i) put(values[i]);
  }
  void append(std::string_view bytes) { bytes_.append(bytes); }

  std::size_t size() const { return bytes_.size(); }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Reads what a ByteWriter wrote. Every length is compared with what is left before anything of
/// that size is allocated. Throws std::invalid_argument "Run file: …" where bytes are missing,
/// naming the section.
class ByteReader final {
 public:
  ByteReader(std::string_view bytes, std::string section);

  template <class T>
  T get() {
    require(sizeof(T));
    BitsOf<T> bits = 0;
    for (std::size_t i = 0; i < sizeof bits; ++i) {
      const auto byte = static_cast<unsigned char>(bytes_[position_ + i]);
      bits = static_cast<BitsOf<T>>(bits | static_cast<BitsOf<T>>(BitsOf<T>{byte} << (8 * i)));
    }
    position_ += sizeof bits;
    T value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  bool get_flag();  ///< 0 or 1; anything else is refused.
  Index get_index();
  /// A length of things that take at least `bytes_each` bytes each.
  Index get_count(std::size_t bytes_each);
  std::string get_text();
  std::vector<Index> get_indices();
  template <class S>
  VectorX<S> get_vector() {
    VectorX<S> values(get_count(sizeof(S)));
    for (Index i = 0; i < values.size(); ++i) values[i] = get<S>();
    return values;
  }
  /// rows × cols entries, column by column; rows ≥ 0 and cols ≥ 0.
  Matrix get_entries(Index rows, Index cols);
  std::string_view get_bytes(std::size_t count);

  std::size_t remaining() const { return bytes_.size() - position_; }
  /// Throws where bytes are left over.
  void finish() const;
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  void require(std::size_t count) const;

  std::string_view bytes_;
  std::string section_;
  std::size_t position_ = 0;
};

}  // namespace least_action
