#include "keyboard.h"

#include <doctest/doctest.h>

#include <string>

#include "app.h"
#include "control_map.h"
#include "session/session_view.h"
#include "shell/headless.h"

using namespace least_action;
using testing::HeadlessApp;

namespace {

// Label of the control that has the keyboard.
std::string focused() {
  const std::string json = control_map_json();
  const std::size_t end = json.find("\"focused\":true");
  if (end == std::string::npos) return {};
  const std::size_t begin = json.rfind("{\"label\":\"", end) + 10;
  return json.substr(begin, json.find('"', begin) - begin);
}

// Arrow down until `label` has the keyboard.
bool walk_to(HeadlessApp& headless, const std::string& label) {
  for (int k = 0; k < 60; ++k) {
    if (focused() == label) return true;
    headless.press(ImGuiKey_DownArrow);
    headless.frames(2);
  }
  return false;
}

}  // namespace

TEST_SUITE("shell/keyboard") {
  TEST_CASE("C gives the keyboard to the controls: arrows choose and change, Enter types") {
    HeadlessApp headless(1280, 800);
    headless.frames(3);
    headless.press(ImGuiKey_C);
    headless.frames(3);
    REQUIRE(walk_to(headless, "Mass m"));
    CHECK(headless.app().query().empty());
    headless.press(ImGuiKey_RightArrow);
    headless.frames(2);
    const std::string more = headless.app().query();
    CHECK(more.find("p.mass=") == 0);
    CHECK(focused() == "Mass m");
    headless.press(ImGuiKey_LeftArrow);
    headless.press(ImGuiKey_LeftArrow);
    headless.frames(2);
    CHECK(headless.app().query() != more);
    headless.press(ImGuiKey_Enter);
    headless.frames(3);
    CHECK(headless.app().wants_text_input());
    ImGui::GetIO().AddInputCharactersUTF8("2.5");
    headless.frames(2);
    headless.press(ImGuiKey_Enter);
    headless.frames(2);
    CHECK(headless.app().query() == "p.mass=2.5");
    CHECK(headless.errors() == 0);
  }

  TEST_CASE("a box opens by Enter, its choices by arrows") {
    HeadlessApp headless(1280, 800);
    headless.frames(3);
    headless.press(ImGuiKey_C);
    headless.frames(3);
    REQUIRE(walk_to(headless, "System choice"));
    headless.press(ImGuiKey_Enter);
    headless.frames(4);
    headless.press(ImGuiKey_DownArrow);
    headless.frames(2);
    headless.press(ImGuiKey_Enter);
    headless.frames(3);
    CHECK(headless.app().query().find("system=") == 0);
    CHECK(headless.errors() == 0);
  }

  TEST_CASE("space, S, R and tab stay the playground's while the keyboard is on a control") {
    HeadlessApp headless(1280, 800);
    headless.frames(3);
    headless.press(ImGuiKey_C);
    headless.frames(3);
    REQUIRE(walk_to(headless, "System choice"));
    headless.press(ImGuiKey_Space);
    headless.frames(2);
    CHECK(headless.app().is_training());
    CHECK_FALSE(headless.has("Double pendulum"));  // the box stayed closed
    headless.press(ImGuiKey_Space);
    CHECK_FALSE(headless.app().is_training());
    headless.press(ImGuiKey_R);
    headless.press(ImGuiKey_S);
    CHECK(headless.app().view().models.front().step == 1);
    // Tab goes on to the plots, where arrows move the time again.
    headless.press(ImGuiKey_Tab);
    headless.press(ImGuiKey_DownArrow);
    headless.frames(2);
    CHECK((ImGui::GetIO().ConfigFlags & ImGuiConfigFlags_NavEnableKeyboard) == 0);
  }

  TEST_CASE("without it, arrows and Enter press nothing") {
    HeadlessApp headless(1280, 800);
    headless.frames(3);
    for (const ImGuiKey key : {ImGuiKey_DownArrow, ImGuiKey_RightArrow, ImGuiKey_Enter}) {
      headless.press(key);
      headless.frames(2);
    }
    CHECK(headless.app().query().empty());
    CHECK_FALSE(headless.app().is_training());
  }

  TEST_CASE("tab goes round the plots and the controls, and comes back") {
    HeadlessApp headless(1280, 800);
    headless.frames(3);
    for (int k = 0; k < 6; ++k) headless.press(ImGuiKey_Tab);
    headless.frames(3);
    CHECK_FALSE(focused().empty());
    headless.press(ImGuiKey_Tab);
    headless.press(ImGuiKey_Tab);
    // On the portrait: arrows move the initial state.
    headless.press(ImGuiKey_RightArrow);
    headless.frames(2);
    CHECK(headless.app().query().find("x0=") == 0);
  }
}
