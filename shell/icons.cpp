#include "icons.h"

#include <cmath>
#include <initializer_list>
#include <numbers>

namespace least_action {

void draw_icon(ImDrawList& list, Icon icon, ImVec2 center, float size, ImU32 color) {
  const float s = 0.5f * size, w = size * 0.095f;
  const auto at = [&](float x, float y) { return ImVec2(center.x + s * x, center.y + s * y); };
  const auto line = [&](std::initializer_list<ImVec2> points, bool closed = false) {
    for (const ImVec2& p : points) list.PathLineTo(at(p.x, p.y));
    list.PathStroke(color, closed ? ImDrawFlags_Closed : ImDrawFlags_None, w);
  };
  const auto arc = [&](float x, float y, float radius, float from, float to) {
    constexpr float kDegree = std::numbers::pi_v<float> / 180;
    list.PathArcTo(at(x, y), s * radius, from * kDegree, to * kDegree, 24);
    list.PathStroke(color, ImDrawFlags_None, w);
  };
  switch (icon) {
    case Icon::kPlay:
      list.AddTriangleFilled(at(-0.55f, -0.8f), at(0.8f, 0), at(-0.55f, 0.8f), color);
      break;
    case Icon::kPause:
      list.AddRectFilled(at(-0.65f, -0.75f), at(-0.18f, 0.75f), color, 0.1f * size);
      list.AddRectFilled(at(0.18f, -0.75f), at(0.65f, 0.75f), color, 0.1f * size);
      break;
    case Icon::kStep:
      list.AddTriangleFilled(at(-0.7f, -0.75f), at(0.4f, 0), at(-0.7f, 0.75f), color);
      list.AddRectFilled(at(0.45f, -0.75f), at(0.75f, 0.75f), color, 1);
      break;
    case Icon::kReset: {
      // Nearly a full turn clockwise, with a head along the tangent where it ends.
      arc(0, 0, 0.72f, 20, 310);
      const float a = 310 * std::numbers::pi_v<float> / 180, u = std::cos(a), v = std::sin(a);
      const ImVec2 p(0.72f * u, 0.72f * v);
      list.AddTriangleFilled(at(p.x - 0.62f * v, p.y + 0.62f * u),
                             at(p.x + 0.4f * u, p.y + 0.4f * v),
                             at(p.x - 0.4f * u, p.y - 0.4f * v), color);
      break;
    }
    case Icon::kSun:
      list.AddCircle(center, 0.42f * s, color, 20, w);
      for (int k = 0; k < 8; ++k) {
        const float a = static_cast<float>(k) * std::numbers::pi_v<float> / 4;
        line({{0.68f * std::cos(a), 0.68f * std::sin(a)},
              {0.95f * std::cos(a), 0.95f * std::sin(a)}});
      }
      break;
    case Icon::kMoon:
      arc(-0.05f, 0, 0.8f, 20, 292);
      arc(0.42f, -0.42f, 0.72f, 81, 189);
      break;
    case Icon::kHelp:
      arc(0, -0.36f, 0.46f, 180, 400);
      line({{0.35f, -0.07f}, {0, 0.22f}, {0, 0.38f}});
      list.AddCircleFilled(at(0, 0.8f), 0.13f * s, color, 10);
      break;
    case Icon::kLink:
      line({{-0.1f, 0.32f},
            {-0.32f, 0.54f},
            {-0.58f, 0.54f},
            {-0.78f, 0.3f},
            {-0.74f, 0.08f},
            {-0.28f, -0.36f},
            {-0.04f, -0.36f},
            {0.14f, -0.2f}});
      line({{0.1f, -0.32f},
            {0.32f, -0.54f},
            {0.58f, -0.54f},
            {0.78f, -0.3f},
            {0.74f, -0.08f},
            {0.28f, 0.36f},
            {0.04f, 0.36f},
            {-0.14f, 0.2f}});
      break;
    case Icon::kDownload:
      line({{0, -0.8f}, {0, 0.3f}});
      line({{-0.4f, -0.08f}, {0, 0.32f}, {0.4f, -0.08f}});
      line({{-0.75f, 0.4f}, {-0.75f, 0.75f}, {0.75f, 0.75f}, {0.75f, 0.4f}});
      break;
    case Icon::kUpload:
      line({{0, 0.35f}, {0, -0.75f}});
      line({{-0.4f, -0.36f}, {0, -0.78f}, {0.4f, -0.36f}});
      line({{-0.75f, 0.4f}, {-0.75f, 0.75f}, {0.75f, 0.75f}, {0.75f, 0.4f}});
      break;
    case Icon::kCamera:
      line({{-0.85f, -0.42f},
            {-0.42f, -0.42f},
            {-0.24f, -0.7f},
            {0.24f, -0.7f},
            {0.42f, -0.42f},
            {0.85f, -0.42f},
            {0.85f, 0.66f},
            {-0.85f, 0.66f}},
           true);
      list.AddCircle(at(0, 0.1f), 0.32f * s, color, 18, w);
      break;
    case Icon::kLayers:
      line({{0, -0.75f}, {0.85f, -0.28f}, {0, 0.19f}, {-0.85f, -0.28f}}, true);
      line({{-0.85f, 0.12f}, {0, 0.6f}, {0.85f, 0.12f}});
      break;
    case Icon::kPlus:
      line({{0, -0.7f}, {0, 0.7f}});
      line({{-0.7f, 0}, {0.7f, 0}});
      break;
    case Icon::kCross:
      line({{-0.55f, -0.55f}, {0.55f, 0.55f}});
      line({{-0.55f, 0.55f}, {0.55f, -0.55f}});
      break;
    case Icon::kChevronDown:
      line({{-0.55f, -0.25f}, {0, 0.3f}, {0.55f, -0.25f}});
      break;
    case Icon::kChevronRight:
      line({{-0.25f, -0.55f}, {0.3f, 0}, {-0.25f, 0.55f}});
      break;
    case Icon::kFit:
      line({{-0.75f, -0.3f}, {-0.75f, -0.75f}, {-0.3f, -0.75f}});
      line({{0.75f, -0.3f}, {0.75f, -0.75f}, {0.3f, -0.75f}});
      line({{-0.75f, 0.3f}, {-0.75f, 0.75f}, {-0.3f, 0.75f}});
      line({{0.75f, 0.3f}, {0.75f, 0.75f}, {0.3f, 0.75f}});
      break;
  }
}

}  // namespace least_action
