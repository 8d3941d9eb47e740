#include <doctest/doctest.h>

#include <string>

#include "app.h"
#include "session/session_view.h"
#include "shell/headless.h"

using namespace least_action;
using testing::HeadlessApp;

namespace {

void shift(bool down) { ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, down); }

std::size_t pins(HeadlessApp& headless) { return headless.app().view().pinned.size(); }

}  // namespace

TEST_SUITE("shell/pins") {
  TEST_CASE("a click with shift pins a start where it is, a button clears them") {
    HeadlessApp headless(1280, 800);
    headless.frames(4);
    const std::string plain = headless.app().query();
    const ImVec2 middle = headless.find("Phase portrait"),
                 handle = headless.find("Initial state");
    CHECK_FALSE(headless.has("Clear pinned starts"));
    shift(true);
    headless.click({middle.x - 80, middle.y + 30});
    headless.click({middle.x + 40, middle.y - 90});
    shift(false);
    headless.frames(20);
    REQUIRE(pins(headless) == 2);
    CHECK(headless.app().query().find("pins=") != std::string::npos);
    // The portrait did not move, and neither did the initial state.
    CHECK(headless.find("Initial state").x == handle.x);
    CHECK(headless.app().view().pinned[0].truth.states(0, 0) <
          headless.app().view().pinned[1].truth.states(0, 0));
    CHECK(headless.app().view().pinned[0].truth.states(1, 0) <
          headless.app().view().pinned[1].truth.states(1, 0));
    headless.click(headless.find("Clear pinned starts"));
    CHECK(pins(headless) == 0);
    CHECK(headless.app().query() == plain);
    CHECK(headless.errors() == 0);
  }

  TEST_CASE("nine are too many, and it says so") {
    HeadlessApp headless(1280, 800);
    headless.frames(4);
    const ImVec2 middle = headless.find("Phase portrait");
    shift(true);
    for (int k = 0; k < 9; ++k)
      headless.click({middle.x - 120 + 20 * static_cast<float>(k), middle.y + 60});
    shift(false);
    CHECK(pins(headless) == 8);
    CHECK(headless.app().message().find("At most 8 starts") == 0);
  }

  TEST_CASE("a long touch pins, a short one and a drag do not") {
    HeadlessApp headless(390, 844);
    const FrameInput touch{.touch = true};
    headless.frames(4, touch);
    const ImVec2 middle = headless.find("Phase portrait");
    const ImVec2 at{middle.x - 60, middle.y + 40};
    ImGuiIO& io = ImGui::GetIO();
    const auto hold = [&](int frames, float drag) {
      io.AddMousePosEvent(at.x, at.y);
      headless.frames(1, touch);
      io.AddMouseButtonEvent(ImGuiMouseButton_Left, true);
      headless.frames(2, touch);
      io.AddMousePosEvent(at.x + drag, at.y);
      headless.frames(frames, touch);
      io.AddMouseButtonEvent(ImGuiMouseButton_Left, false);
      headless.frames(2, touch);
      io.AddMousePosEvent(-1e4f, -1e4f);
      headless.frames(2, touch);
    };
    hold(5, 0);
    CHECK(pins(headless) == 0);
    hold(60, 40);
    CHECK(pins(headless) == 0);
    hold(60, 0);
    CHECK(pins(headless) == 1);
    headless.frames(30, touch);
    CHECK(pins(headless) == 1);
  }
}
