#pragma once

#include <string>

#include "platform.h"

namespace least_action {

/// `image` as a PNG file, uncompressed inside (stored deflate blocks): the desktop program
/// needs no compression library, and any viewer or `optipng` makes it small. Empty for an empty
/// image.
///
/// Format: W3C, Portable Network Graphics (third edition), §5, §10; RFC 1950 and 1951.
std::string encode_png(const Image& image);

}  // namespace least_action
