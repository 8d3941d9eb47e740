#include "flow_workspace.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

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

  TEST_CASE("a flow that was saved goes on where it was, to the last bit") {
    HeadlessApp host(1280, 800, paused(kSmall));
    host.frames(3);
    const auto saved = [&host] {
      host.requests();
      host.click(host.find("Files"));
      host.frames(2);
      host.click(host.find("Save the flow"));
      host.frames(1);
      const std::vector<HostRequest> requests = host.requests();
      REQUIRE(requests.size() == 1);
      CHECK(requests.front().name == "density.flow");
      return requests.front().bytes;
    };
    for (int k = 0; k < 3; ++k) host.press(ImGuiKey_S);
    const std::string file = saved();
    const std::string link = host.app().query();
    host.press(ImGuiKey_S);
    CHECK(saved() != file);  // step, θ and optimiser have moved
    host.app().load_query("system=spring");
    host.app().import_file("density.flow", file);
    host.frames(3);
    CHECK(host.app().workspace() == "flow");
    CHECK(host.app().query() == link);
    CHECK(host.app().workspace_json().find("\"step\":3,") != std::string::npos);
    CHECK_FALSE(host.app().is_training());
    CHECK(saved() == file);
    // The settings on show are those of the file, too: the next edit begins with them.
    host.click(host.find("Density"));
    host.click(host.find("Rings"));
    REQUIRE(host.app().query().find("density=rings") != std::string::npos);
    host.app().import_file("density.flow", file);
    host.frames(2);
    CHECK(host.app().query() == link);
    host.click(host.find("Width value"));
    ImGui::GetIO().AddInputCharactersUTF8("12");
    host.frames(2);
    host.press(ImGuiKey_Enter);
    CHECK(host.app().query().find("width=12") != std::string::npos);
    CHECK(host.app().query().find("density=") == std::string::npos);
    CHECK(host.errors() == 0);
  }

  TEST_CASE("a damaged flow is refused in words, and nothing changes") {
    HeadlessApp host(1280, 800, paused(kSmall));
    host.frames(3);
    host.press(ImGuiKey_S);
    host.click(host.find("Files"));
    host.frames(2);
    host.click(host.find("Save the flow"));
    std::string file = host.requests().back().bytes;
    const std::string state = host.app().workspace_json(), link = host.app().query();
    file[file.size() / 2] ^= 1;
    for (const std::string& bytes : {file, file.substr(0, 30), file.substr(0, 20)}) {
      host.app().show_message("");
      host.app().import_file("density.flow", bytes);
      CHECK(host.app().message().find("density.flow was not opened. ") == 0);
      CHECK(host.app().message().size() > 50);
      CHECK(host.app().workspace_json() == state);
      CHECK(host.app().query() == link);
    }
    host.app().load_query("system=spring");
    host.app().import_file("density.flow", file);
    CHECK(host.app().workspace() == "mechanics");
  }

  TEST_CASE("a malformed link is explained and shows the default") {
    HeadlessApp host(1280, 800, paused("workspace=flow&density=moon&width=oops"));
    host.frames(3);
    CHECK(host.app().workspace() == "flow");
    CHECK(!host.app().message().empty());
    CHECK(host.app().query() == "workspace=flow");
  }
}
