#pragma once

#include <cstdint>
#include <string_view>

namespace least_action {

/// CRC-32 of IEEE 802.3 (reflected polynomial 0xEDB88320, start and final value inverted), as
/// in gzip and PNG: finds every error burst of up to 32 bits, and misses others once in 2³².
std::uint32_t crc32(std::string_view bytes);

}  // namespace least_action
