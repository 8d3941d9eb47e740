#include "layout.h"

#include <algorithm>
#include <cmath>

namespace least_action {
namespace {

float table_height(int num_models) { return 66 + 25 * static_cast<float>(num_models); }

Layout compact_layout(ImVec2 display, Tab tab, float top, float bottom) {
  constexpr float kMargin = 8, kGap = 6;
  Layout layout;
  layout.compact = true;
  const float width = display.x - 2 * kMargin;
  layout.top_bar = {kMargin, top, width, 52};
  layout.status = {kMargin, bottom - 22, width, 20};
  const float y = layout.top_bar.bottom();
  constexpr float kScrubber = 40, kTabs = 40;
  const float free = layout.status.y - y - kScrubber - kTabs - 3 * kGap;
  // A landscape phone puts the portrait beside the rest.
  if (display.x > 1.25f * display.y) {
    const float half = std::floor(0.5f * (width - kGap));
    const float height = layout.status.y - y - kGap;
    layout.portrait = {kMargin, y, half, height - kScrubber - kGap};
    layout.scrubber = {kMargin, layout.portrait.bottom() + kGap, half, kScrubber};
    layout.tabs = {kMargin + half + kGap, y, width - half - kGap, kTabs};
  } else {
    const float height = std::floor(std::min(0.56f * free, width * 1.02f));
    layout.portrait = {kMargin, y, width, height};
    layout.scrubber = {kMargin, layout.portrait.bottom() + kGap, width, kScrubber};
    layout.tabs = {kMargin, layout.scrubber.bottom() + kGap, width, kTabs};
  }
  const Rect content{layout.tabs.x, layout.tabs.bottom() + kGap, layout.tabs.width,
                     layout.status.y - layout.tabs.bottom() - 2 * kGap};
  Rect* const regions[kNumTabs] = {&layout.controls, &layout.scenes, &layout.losses,
                                   &layout.energy, &layout.table};
  *regions[static_cast<int>(tab)] = content;
  return layout;
}

}  // namespace

Layout compute_layout(ImVec2 display, Tab tab, int num_models, float inset_top,
                      float inset_bottom) {
  const float top = inset_top, bottom = display.y - inset_bottom;
  if (display.x < 820 || bottom - top < 520) return compact_layout(display, tab, top, bottom);
  Layout layout;
  const float gap = display.x >= 1600 ? 14.0f : 10.0f;
  const float width = display.x - 2 * gap;
  layout.top_bar = {gap, top, width, 50};
  layout.status = {gap, bottom - 26, width, 24};
  const float y = layout.top_bar.bottom(), height = layout.status.y - y - 4;

  const float left = std::clamp(0.22f * width, 268.0f, 340.0f);
  const float rest = width - left - 2 * gap;
  const float right = std::floor(std::clamp(0.42f * rest, 260.0f, 760.0f));
  layout.controls = {gap, y, left, height};
  constexpr float kScrubber = 46;
  layout.portrait = {layout.controls.right() + gap, y, rest - right, height - kScrubber - gap};
  layout.scrubber = {layout.portrait.x, layout.portrait.bottom() + gap, layout.portrait.width,
                     kScrubber};

  const float x = layout.portrait.right() + gap;
  const float table = table_height(num_models);
  const float shared = height - table - 3 * gap;
  const float scenes = std::floor(shared * 0.36f), losses = std::floor(shared * 0.32f);
  layout.scenes = {x, y, right, scenes};
  layout.losses = {x, layout.scenes.bottom() + gap, right, losses};
  layout.energy = {x, layout.losses.bottom() + gap, right, shared - scenes - losses};
  layout.table = {x, layout.energy.bottom() + gap, right, table};
  return layout;
}

}  // namespace least_action
