#pragma once

#include <string_view>

namespace least_action {

/// TrueType data of the playground's two faces, subset and embedded at build time
/// (make_fonts.py); it lives as long as the program.
std::string_view regular_face();
std::string_view medium_face();

}  // namespace least_action
