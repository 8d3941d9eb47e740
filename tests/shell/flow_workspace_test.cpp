#include "flow_workspace.h"

#include <doctest/doctest.h>

#include <string>

#include "imgui.h"
#include "shell/headless.h"

using namespace least_action;
using testing::HeadlessApp;
using testing::paused;

namespace {

constexpr const char* kSmall = "workspace=flow&width=8&depth=1&substeps=1&batch=16&steps=40";

}  // namespace

TEST_SUITE("shell/flow_workspace") {
  TEST_CASE("a link opens the flow, which draws and answers at every size") {
    for (const ImVec2 size : {ImVec2(1280, 800), ImVec2(390, 780), ImVec2(830, 530)}) {
      HeadlessApp host(size.x, size.y, paused(kSmall));
      host.frames(5);
      CHECK(host.errors() == 0);
      CHECK(host.app().workspace() == "flow");
      CHECK(host.has("Flow time"));
      CHECK(host.app().query().find("width=8") != std::string::npos);
      CHECK(host.app().summary().find("Two moons") != std::string::npos);
    }
  }

  TEST_CASE("steps, playing and the density's choice do what their labels say") {
    HeadlessApp host(1280, 800, paused(kSmall));
    host.frames(3);
    host.click(host.find("Step"));
    CHECK(host.app().workspace_json().find("\"step\":1,") != std::string::npos);
    REQUIRE(host.has("Pause samples"));
    host.click(host.find("Pause samples"));
    CHECK(host.app().workspace_json().find("\"playing\":false") != std::string::npos);
    host.press(ImGuiKey_V);
    CHECK(host.app().workspace_json().find("\"playing\":true") != std::string::npos);
    host.click(host.find("Density"));
    host.click(host.find("Rings"));
    CHECK(host.app().query().find("density=rings") != std::string::npos);
    CHECK(host.app().workspace_json().find("\"step\":0,") != std::string::npos);
    CHECK(host.errors() == 0);
  }

  TEST_CASE("training goes to its end by itself, and the phone's tabs show everything") {
    HeadlessApp host(390, 780, paused(kSmall));
    host.frames(3);
    host.click(host.find("Controls"));
    host.click(host.find("Start"));
    host.frames(400);
    CHECK(host.app().workspace_json().find("\"step\":40,") != std::string::npos);
    for (const char* tab : {"Loss", "Target", "Density"}) {
      host.click(host.find(tab));
      host.frames(2);
    }
    CHECK(host.errors() == 0);
  }

  TEST_CASE("a malformed link is explained and shows the default") {
    HeadlessApp host(1280, 800, paused("workspace=flow&density=moon&width=oops"));
    host.frames(3);
    CHECK(host.app().workspace() == "flow");
    CHECK(!host.app().message().empty());
    CHECK(host.app().query() == "workspace=flow");
  }
}
