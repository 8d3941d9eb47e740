#include "map_workspace.h"

#include <doctest/doctest.h>

#include <string>

#include "idle_time.h"
#include "imgui.h"
#include "shell/headless.h"

using namespace least_action;
using testing::HeadlessApp;
using testing::paused;

TEST_SUITE("shell/map_workspace") {
  TEST_CASE(
      "the points rest after a minute that nobody touched anything, and the page with them") {
    HeadlessApp host(390, 600, paused("workspace=maps&task=disc&models=node:4"));
    host.frames(3);
    host.click(host.find("Inside the map"));
    REQUIRE(host.has("Pause animation"));
    const auto rest = [&host](double seconds) {
      for (double t = 0; t < seconds; t += 0.1) {  // frames count 0.1 s at most
        host.wait(0.1 - 1 / 60.0);
        host.frames(1);
      }
    };
    rest(50);
    CHECK(host.app().needs_frame());
    host.press(ImGuiKey_LeftArrow);  // means nothing here, but somebody is there
    rest(50);
    CHECK(host.has("Pause animation"));
    CHECK(host.app().needs_frame());
    rest(15);
    CHECK(host.has("Play animation"));
    CHECK_FALSE(host.app().needs_frame());
    host.click(host.find("Play animation"));
    host.frames(2);
    CHECK(host.has("Pause animation"));
    CHECK(host.app().needs_frame());
  }

  TEST_CASE("what counts as being in use puts the rest off") {
    HeadlessApp host(390, 600);  // for its ImGui context
    host.frames(1);
    IdleTime idle;
    for (int k = 0; k < 60; ++k) idle.advance(1, false);
    CHECK_FALSE(idle.is_over());
    idle.advance(1, true);
    for (int k = 0; k < 60; ++k) idle.advance(1, false);
    CHECK_FALSE(idle.is_over());
    idle.advance(0.5, false);
    CHECK(idle.is_over());
    idle.advance(0.5, true);
    CHECK_FALSE(idle.is_over());
  }

  TEST_CASE("starting over forgets an edit that was refused") {
    HeadlessApp host(1280, 1000, paused("workspace=maps"));
    host.frames(3);
    const auto type = [&host](const char* field, const char* text) {
      host.click(host.find(field));
      ImGui::GetIO().AddInputCharactersUTF8(text);
      host.frames(2);
      host.press(ImGuiKey_Enter);
    };
    type("Steps value", "3");  // 10 is the least
    CHECK(host.app().query() == "workspace=maps");
    type("Learning rate value", "0.02");  // refused with it
    CHECK(host.app().query() == "workspace=maps");
    host.click(host.find("Files"));
    host.frames(2);
    host.click(host.find("Start over"));
    type("Learning rate value", "0.02");
    CHECK(host.app().query() == "workspace=maps&lr=0.02");
  }

  TEST_CASE("the names of the maps can be read on a phone") {
    HeadlessApp host(390, 780, paused("workspace=maps"));
    host.frames(3);
    // 20 around the text and 14 for its dot, and 4 between them: what a chip needs.
    ImGui::NewFrame();
    const float longest = ImGui::CalcTextSize("Augmented neural ODE").x;
    ImGui::EndFrame();
    CHECK(host.area("Augmented neural ODE").width > 0.8f * longest + 30);
    CHECK(host.area("Neural ODE").width < host.area("Augmented neural ODE").width);
    CHECK(host.area("Augmented neural ODE").right() <= 390);
  }
}
