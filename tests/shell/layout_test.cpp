#include "layout.h"

#include <doctest/doctest.h>

#include <vector>

using namespace least_action;

namespace {

std::vector<Rect> regions(const Layout& layout) {
  std::vector<Rect> all;
  for (const Rect& r :
       {layout.top_bar, layout.controls, layout.portrait, layout.scrubber, layout.scenes,
        layout.losses, layout.energy, layout.table, layout.tabs, layout.status}) {
    if (!r.empty()) all.push_back(r);
  }
  return all;
}

}  // namespace

TEST_SUITE("shell/layout") {
  TEST_CASE("regions stay on the display and never overlap") {
    const ImVec2 displays[] = {{1280, 800}, {1920, 1080}, {3840, 2160}, {820, 520}, {1024, 600},
                               {390, 844},  {360, 640},   {844, 390},   {320, 480}};
    for (const ImVec2 display : displays) {
      for (int tab = 0; tab < kNumTabs; ++tab) {
        for (const int models : {1, 4}) {
          CAPTURE(display.x);
          CAPTURE(display.y);
          const Layout layout = compute_layout(display, static_cast<Tab>(tab), models);
          const std::vector<Rect> all = regions(layout);
          for (std::size_t a = 0; a < all.size(); ++a) {
            CHECK(all[a].x >= 0);
            CHECK(all[a].y >= 0);
            CHECK(all[a].right() <= display.x + 0.01f);
            CHECK(all[a].bottom() <= display.y + 0.01f);
            for (std::size_t b = a + 1; b < all.size(); ++b) {
              const bool apart =
                  all[a].right() <= all[b].x + 0.01f || all[b].right() <= all[a].x + 0.01f ||
                  all[a].bottom() <= all[b].y + 0.01f || all[b].bottom() <= all[a].y + 0.01f;
              CHECK(apart);
            }
          }
        }
      }
    }
  }

  TEST_CASE("a laptop shows everything at once, at sizes that can be read") {
    const Layout layout = compute_layout({1280, 800}, Tab::kControls, 4);
    CHECK_FALSE(layout.compact);
    CHECK(layout.tabs.empty());
    for (const Rect& r : {layout.scenes, layout.losses, layout.energy, layout.table}) {
      CHECK(r.width >= 260);
      CHECK(r.height >= 100);
    }
    CHECK(layout.controls.width >= 260);
    CHECK(layout.portrait.width >= 450);
    CHECK(layout.portrait.height >= 450);
  }

  TEST_CASE("a phone has one column: the portrait on top, one of the tabs below") {
    for (int tab = 0; tab < kNumTabs; ++tab) {
      const Layout layout = compute_layout({390, 844}, static_cast<Tab>(tab), 2);
      CHECK(layout.compact);
      const Rect* const shown[kNumTabs] = {&layout.controls, &layout.scenes, &layout.losses,
                                           &layout.energy, &layout.table};
      for (int k = 0; k < kNumTabs; ++k) CHECK(shown[k]->empty() == (k != tab));
      CHECK(shown[tab]->y > layout.portrait.bottom());
      CHECK(shown[tab]->height >= 200);
      CHECK(layout.portrait.width >= 360);
    }
  }

  TEST_CASE("margins of notches and soft keyboards stay free") {
    const Layout layout = compute_layout({390, 844}, Tab::kControls, 2, 40, 30);
    for (const Rect& r : regions(layout)) {
      CHECK(r.y >= 40);
      CHECK(r.bottom() <= 814);
    }
  }
}
