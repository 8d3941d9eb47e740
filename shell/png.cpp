#include "png.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace least_action {
namespace {

void append_u32(std::string& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 255);
}

// CRC-32 of PNG §D, bit by bit: pictures are few.
std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xffffffffu;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
  }
  return ~crc;
}

std::uint32_t adler32(std::string_view bytes) {
  std::uint32_t a = 1, b = 0;
  for (const char byte : bytes) {
    a = (a + static_cast<unsigned char>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

std::string chunk(std::string_view type, std::string_view data) {
  std::string bytes;
  append_u32(bytes, static_cast<std::uint32_t>(data.size()));
  const std::string body = std::string(type).append(data);
  bytes += body;
  append_u32(bytes, crc32(body));
  return bytes;
}

// A zlib stream of stored blocks.
std::string store(std::string_view data) {
  constexpr std::size_t kLargestBlock = 65535;
  std::string stream = "\x78\x01";
  for (std::size_t at = 0; at < data.size(); at += kLargestBlock) {
    const std::size_t size = std::min(kLargestBlock, data.size() - at);
    stream += static_cast<char>(at + size == data.size() ? 1 : 0);
    for (const std::size_t field : {size, ~size}) {
      stream += static_cast<char>(field & 255);
      stream += static_cast<char>(field >> 8 & 255);
    }
    stream.append(data.substr(at, size));
  }
  append_u32(stream, adler32(data));
  return stream;
}

}  // namespace

std::string encode_png(const Image& image) {
  if (image.width <= 0 || image.height <= 0) return {};
  std::string header;
  append_u32(header, static_cast<std::uint32_t>(image.width));
  append_u32(header, static_cast<std::uint32_t>(image.height));
  header.append("\x08\x06\x00\x00\x00", 5);  // 8 bits, RGBA, no interlacing
  std::string rows;
  const std::size_t row = static_cast<std::size_t>(image.width) * 4;
  for (std::size_t y = 0; y < static_cast<std::size_t>(image.height); ++y) {
    rows += '\0';  // no filter
    rows.append(reinterpret_cast<const char*>(&image.rgba[y * row]), row);
  }
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("IDAT", store(rows)) +
         chunk("IEND", {});
}

}  // namespace least_action
