#include "app.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "number_format.h"
#include "session/session.h"
#include "shell/headless.h"
#include "text.h"

using namespace least_action;
using testing::HeadlessApp;

namespace {

Vector start_of(const App& app) { return app.view().truth.states.col(0); }

bool finite_and_clipped(const ImDrawData& data) {
  for (int n = 0; n < data.CmdListsCount; ++n) {
    for (const ImDrawVert& v : data.CmdLists[n]->VtxBuffer) {
      if (!std::isfinite(v.pos.x) || !std::isfinite(v.pos.y)) return false;
    }
  }
  return true;
}

}  // namespace

TEST_SUITE("shell/app") {
  TEST_CASE("every display size draws without an error, and something on it") {
    const ImVec2 displays[] = {{1280, 800}, {1920, 1080}, {390, 844}, {360, 640}, {844, 390}};
    for (const ImVec2 display : displays) {
      CAPTURE(display.x);
      HeadlessApp headless(display.x, display.y);
      headless.frames(4, {.touch = display.x < 800});
      CHECK(headless.errors() == 0);
      CHECK(ImGui::GetDrawData()->TotalVtxCount > 2000);
      CHECK(finite_and_clipped(*ImGui::GetDrawData()));
      for (const char* label : {"Phase portrait", "Start", "Step", "Reset", "Time", "Help"}) {
        CAPTURE(label);
        CHECK(headless.has(label));
      }
    }
  }

  TEST_CASE("every preset draws while it trains") {
    HeadlessApp headless(1280, 800);
    headless.frames(2);
    for (const Preset& preset : presets()) {
      CAPTURE(preset.name);
      headless.app().load_query(preset.query);
      headless.frames(2);
      headless.press(ImGuiKey_S);
      CHECK(headless.app().view().models.front().step == 1);
      CHECK(headless.errors() == 0);
      CHECK(finite_and_clipped(*ImGui::GetDrawData()));
    }
  }

  TEST_CASE("space starts and pauses, S steps, R resets") {
    HeadlessApp headless(1280, 800);
    headless.frames(2);
    CHECK_FALSE(headless.app().is_training());
    headless.press(ImGuiKey_Space);
    CHECK(headless.app().is_training());
    CHECK(headless.app().needs_frame());
    headless.frames(3);
    CHECK(headless.app().view().models.front().step > 0);
    headless.press(ImGuiKey_Space);
    CHECK_FALSE(headless.app().is_training());
    const Index step = headless.app().view().models.front().step;
    headless.press(ImGuiKey_S);
    CHECK(headless.app().view().models.front().step == step + 1);
    headless.press(ImGuiKey_R);
    CHECK(headless.app().view().models.front().step == 0);
  }

  TEST_CASE("buttons do what keys do") {
    HeadlessApp headless(1280, 800);
    headless.frames(2);
    headless.click(headless.find("Start"));
    CHECK(headless.app().is_training());
    headless.click(headless.find("Pause"));
    CHECK_FALSE(headless.app().is_training());
    headless.click(headless.find("Reset"));
    headless.click(headless.find("Step"));
    CHECK(headless.app().view().models.front().step == 1);
  }

  TEST_CASE("dragging the handle moves the initial state, and only in the plane shown") {
    HeadlessApp headless(1280, 800, testing::paused("system=henon-heiles"));
    headless.frames(4);
    const Vector before = start_of(headless.app());
    const ImVec2 handle = headless.find("Initial state");
    headless.drag(handle, {handle.x + 60, handle.y - 30});
    headless.frames(3);
    const Vector after = start_of(headless.app());
    CHECK(after[0] > before[0]);  // right is more x
    CHECK(after[1] > before[1]);  // up is more y
    CHECK(after[2] == before[2]);
    CHECK(after[3] == before[3]);
    CHECK(headless.app().query().find("x0=") != std::string::npos);
    // The handle is where it was dropped.
    const ImVec2 dropped = headless.find("Initial state");
    CHECK(dropped.x == doctest::Approx(handle.x + 60).epsilon(0.01));
    CHECK(dropped.y == doctest::Approx(handle.y - 30).epsilon(0.01));
  }

  TEST_CASE("dragging the background pans: the handle moves along, the experiment stays") {
    HeadlessApp headless(1280, 800);
    headless.frames(4);
    const std::string query = headless.app().query();
    const ImVec2 handle = headless.find("Initial state"),
                 middle = headless.find("Phase portrait");
    headless.drag({middle.x - 60, middle.y - 200}, {middle.x - 20, middle.y - 175});
    const ImVec2 moved = headless.find("Initial state");
    CHECK(moved.x == doctest::Approx(handle.x + 40).epsilon(0.002));
    CHECK(moved.y == doctest::Approx(handle.y + 25).epsilon(0.002));
    CHECK(headless.app().query() == query);
  }

  TEST_CASE("the wheel and a pinch zoom about their centre") {
    HeadlessApp headless(1280, 800);
    headless.frames(4);
    const ImVec2 handle = headless.find("Initial state"),
                 middle = headless.find("Phase portrait");
    ImGui::GetIO().AddMousePosEvent(middle.x, middle.y);
    headless.frames(2);
    ImGui::GetIO().AddMouseWheelEvent(0, 1);
    headless.frames(3);
    const ImVec2 zoomed = headless.find("Initial state");
    CHECK((zoomed.x - middle.x) / (handle.x - middle.x) == doctest::Approx(1.15).epsilon(0.02));
    FrameInput pinch;
    pinch.pinching = true;
    pinch.pinch_scale = 1 / 1.15f;
    pinch.pinch_x = middle.x;
    pinch.pinch_y = middle.y;
    headless.frames(1, pinch);
    headless.frames(2);
    CHECK(headless.find("Initial state").x == doctest::Approx(handle.x).epsilon(0.002));
  }

  TEST_CASE("a malformed link runs the default experiment and says what is wrong") {
    for (const char* query : {"system=pendulm", "noise=banana&lr=1e99", "%zz&&&=&x0=nan,inf",
                              "models=hnn:99999999:tanh", "#\xff\xfe"}) {
      CAPTURE(query);
      HeadlessApp headless(1280, 800, testing::paused(query));
      headless.frames(3);
      CHECK(headless.app().view().models.size() == 2);
      CHECK(headless.errors() == 0);
      CHECK(headless.app().query().empty());
      CHECK(headless.app().message().find("Part of the link could not be read") == 0);
    }
  }

  TEST_CASE("settings applied by a link come back in the query") {
    HeadlessApp headless(1280, 800);
    headless.app().load_query("#system=duffing&noise=0.1");
    headless.frames(2);
    CHECK(headless.app().query().find("system=duffing") != std::string::npos);
    CHECK(headless.app().query().find("noise=0.1") != std::string::npos);
    headless.app().load_query("");
    CHECK(headless.app().query().empty());
  }

  TEST_CASE(
      "a run saved here opens here again, and a damaged one says so and changes nothing") {
    HeadlessApp headless(1280, 800, testing::paused("system=spring"));
    headless.frames(2);
    headless.press(ImGuiKey_S);
    const std::string bytes = headless.app().save();
    const std::uint64_t version = headless.app().save_version();
    headless.press(ImGuiKey_S);
    CHECK(headless.app().save_version() > version);
    headless.app().load_query("");
    headless.app().import_file("mine.run", bytes);
    headless.frames(2);
    CHECK(headless.app().query().find("system=spring") != std::string::npos);
    CHECK(headless.app().view().models.front().step == 1);
    CHECK_FALSE(headless.app().restore(bytes.substr(0, bytes.size() / 2)));
    headless.app().import_file("broken.run", "not a run");
    headless.frames(2);
    CHECK(headless.app().message().find("broken.run was not opened") == 0);
    CHECK(headless.app().view().models.front().step == 1);
  }

  TEST_CASE("the files menu downloads, opens and starts over") {
    HeadlessApp headless(1280, 800, testing::paused("system=spring"));
    headless.frames(2);
    headless.requests();
    headless.click(headless.find("Files"));
    headless.frames(2);
    headless.click(headless.find("Save the history as CSV"));
    const std::vector<HostRequest> requests = headless.requests();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].kind == HostRequest::Kind::kDownload);
    CHECK(requests[0].name == "history.csv");
    CHECK(requests[0].bytes.rfind("model,step,", 0) == 0);
    headless.click(headless.find("Files"));
    headless.frames(2);
    headless.click(headless.find("Start over"));
    CHECK(headless.app().take_start_over());
    CHECK_FALSE(headless.app().take_start_over());
    CHECK(headless.app().query().empty());
  }

  TEST_CASE(
      "a picture of a plot asks for the plot's rectangle, one frame without hints later") {
    HeadlessApp headless(1280, 800);
    headless.frames(2);
    ImGui::GetIO().AddMousePosEvent(headless.find("Energy plot").x,
                                    headless.find("Energy plot").y);
    headless.frames(2);
    headless.requests();
    headless.click(headless.find("Save as a picture"));
    headless.frames(2);
    const std::vector<HostRequest> requests = headless.requests();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].kind == HostRequest::Kind::kCapture);
    CHECK(requests[0].name == "energy.png");
    CHECK(requests[0].width > 200);
    CHECK(requests[0].x + requests[0].width <= 1280);
  }

  TEST_CASE("a value that cannot be is explained, and changes nothing") {
    HeadlessApp headless(1280, 800);
    headless.frames(2);
    headless.click(headless.find("Mass m value"));
    ImGui::GetIO().AddInputCharactersUTF8("-5");
    headless.frames(2);
    CHECK(headless.app().wants_text_input());
    headless.press(ImGuiKey_Enter);
    CHECK(headless.app().message().find("mass") != std::string::npos);
    CHECK(headless.app().query().empty());
    // A possible one is taken.
    headless.click(headless.find("Mass m value"));
    ImGui::GetIO().AddInputCharactersUTF8("2.5");
    headless.frames(2);
    headless.press(ImGuiKey_Enter);
    CHECK(headless.app().query() == "p.mass=2.5");
  }

  TEST_CASE("keys that are typed into a field do nothing else") {
    HeadlessApp headless(1280, 800);
    headless.frames(2);
    headless.click(headless.find("Mass m value"));
    headless.press(ImGuiKey_S);
    headless.press(ImGuiKey_Space);
    CHECK(headless.app().view().models.front().step == 0);
    CHECK_FALSE(headless.app().is_training());
  }

  TEST_CASE("a preset chosen after training was finished trains") {
    HeadlessApp headless(1280, 800, testing::paused("steps=5"));
    headless.frames(2);
    headless.press(ImGuiKey_Space);
    headless.frames(5);
    REQUIRE(headless.app().view().finished);
    CHECK_FALSE(headless.app().is_training());
    headless.click(headless.find("Preset"));
    headless.frames(2);
    headless.click(headless.find(presets()[2].title));
    CHECK(headless.app().is_training());
    CHECK(headless.app().query() == to_query(parse_config(presets()[2].query).config));
  }

  TEST_CASE("a paused app whose animation rests asks for no frames") {
    HeadlessApp headless(1280, 800);
    headless.frames(2);
    headless.press(ImGuiKey_A);
    headless.frames(30);
    CHECK_FALSE(headless.app().needs_frame());
    headless.press(ImGuiKey_A);
    CHECK(headless.app().needs_frame());
  }

  TEST_CASE("a host may say every frame that it is visible") {
    HeadlessApp headless(1280, 800);
    headless.frames(2);
    headless.press(ImGuiKey_A);
    for (int k = 0; k < 30; ++k) {
      headless.app().set_visible(true);
      headless.frames(1);
    }
    CHECK_FALSE(headless.app().needs_frame());
  }

  TEST_CASE("an animation that came to rest plays again by its key") {
    HeadlessApp headless(1280, 800);
    headless.frames(2);
    headless.wait(200);
    headless.frames(5);
    CHECK_FALSE(headless.app().needs_frame());
    headless.press(ImGuiKey_A);
    headless.frames(10);
    CHECK(headless.app().needs_frame());
  }

  TEST_CASE("a section through a point without energy says so") {
    HeadlessApp headless(1280, 800, testing::paused("system=two-body&x0=0,0,0,0"));
    headless.frames(4);
    headless.click(headless.find("Layers"));
    headless.frames(2);
    headless.click(headless.find("Poincaré section"));
    headless.frames(5);
    CHECK(headless.errors() == 0);
    CHECK(finite_and_clipped(*ImGui::GetDrawData()));
  }

  TEST_CASE("tab walks through the tabs of a phone") {
    HeadlessApp headless(390, 844);
    headless.frames(2);
    CHECK_FALSE(headless.has("Energy plot"));
    for (int k = 0; k < 3; ++k) headless.press(ImGuiKey_Tab);
    CHECK(headless.has("Energy plot"));
  }
}

TEST_SUITE("shell/text") {
  TEST_CASE("a dot above takes no width and is drawn above its letter") {
    HeadlessApp headless(400, 300);
    headless.frames(1);
    ImGui::NewFrame();
    CHECK(math_text_size("q̇₁").x == doctest::Approx(math_text_size("q₁").x));
    ImDrawList list(ImGui::GetDrawListSharedData());
    list._ResetForNewFrame();
    list.PushTextureID(ImGui::GetIO().Fonts->TexID);
    list.PushClipRectFullScreen();
    draw_math_text(list, {100, 100}, IM_COL32_WHITE, "q");
    float letter_top = 1e9f;
    for (const ImDrawVert& v : list.VtxBuffer) letter_top = std::min(letter_top, v.pos.y);
    const int letter = list.VtxBuffer.Size;
    draw_math_text(list, {100, 100}, IM_COL32_WHITE, "q̇");
    float dot_bottom = -1e9f;
    for (int k = 2 * letter; k < list.VtxBuffer.Size; ++k) {
      dot_bottom = std::max(dot_bottom, list.VtxBuffer[k].pos.y);
    }
    CHECK(list.VtxBuffer.Size > 2 * letter + 8);
    CHECK(dot_bottom < letter_top + 0.5f);
    ImGui::EndFrame();
  }
}
