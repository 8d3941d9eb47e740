#include "workspace.h"

#include <doctest/doctest.h>

#include <cmath>
#include <new>
#include <stdexcept>
#include <string>

#include "imgui.h"
#include "panels/controls.h"
#include "panels/transport.h"
#include "plots/plot_card.h"
#include "session/session_view.h"
#include "shell/headless.h"
#include "workspace_switch.h"

using namespace least_action;
using testing::HeadlessApp;

namespace {

/// A workspace that counts what is asked of it. One step of its "training" adds one; it is
/// finished after ten.
class Counter final : public Workspace {
 public:
  static constexpr Index kEnd = 10;
  inline static int made = 0, polls = 0, draws = 0;
  inline static double slice = 0;
  inline static bool poll_fails = false, link_fails = false;
  inline static Rect area;

  static std::unique_ptr<Workspace> make() {
    ++made;
    return std::make_unique<Counter>();
  }
  static std::unique_ptr<Workspace> fail() { throw std::runtime_error("Maps cannot be made."); }
  static void forget() {
    made = polls = draws = 0;
    poll_fails = link_fails = false;
  }

  void draw(const WorkspaceFrame& frame, Commands& commands) override {
    ++draws;
    area = frame.area;
    const Rect body = draw_plot_card(frame.area, "Counter", "counter.png", focus_ == 1,
                                     frame.display, commands);
    draw_transport({body.x + 10, body.y + 10, 200, 40}, running_, count_ == kEnd, commands);
    if (text_button("Save the picture", {body.x + 10, body.y + 60, 200, 40}))
      commands.push_back(CapturePlot{frame.area, "counter.png"});
    if (text_button("Say", {body.x + 10, body.y + 110, 200, 40}))
      commands.push_back(ShowMessage{"Something was said."});
    if (keys_are_free() && ImGui::IsKeyPressed(ImGuiKey_A, false)) shade_ = 1 - shade_;
  }
  bool poll(double milliseconds) override {
    ++polls;
    slice = milliseconds;
    if (!running_) return false;
    if (poll_fails) throw std::runtime_error("The count ran away.");
    step();
    if (count_ == kEnd) running_ = false;
    return true;
  }
  void start() override { running_ = count_ < kEnd; }
  void pause() override { running_ = false; }
  void step() override { count_ += count_ < kEnd; }
  void reset() override { count_ = 0, running_ = false; }
  TrainingProgress progress() const override {
    return {.step = count_, .running = running_, .finished = count_ == kEnd};
  }
  bool needs_frame() const override { return running_; }
  std::string query() const override {
    return shade_ == 0 ? "" : "shade=" + std::to_string(shade_);
  }
  std::vector<std::string> load_query(std::string_view query) override {
    if (link_fails) throw std::bad_alloc();
    shade_ = query == "shade=1" ? 1 : 0;
    if (query.empty() || shade_ == 1) return {};
    return {"No setting is called \"" + std::string(query) + "\"."};
  }
  const std::string& summary() const override { return summary_; }
  std::string_view title() const override { return "Counting"; }
  std::string_view description() const override { return "Numbers, one after another."; }
  std::string state_json() const override {
    return "{\"count\":" + std::to_string(count_) + ",\"focus\":" + std::to_string(focus_) +
           "}";
  }
  void next_focus(bool backwards) override { focus_ = backwards ? 0 : 1; }
  std::vector<WorkspaceExport> exports() const override {
    return {{"Save the count", "How far it has come."}};
  }
  ExportedFile export_file(std::size_t) const override {
    return {"count.csv", "text/csv", std::to_string(count_)};
  }
  bool import_file(std::string_view bytes) override {
    if (bytes == "count of sheep") return false;
    if (bytes != "count 7") throw std::invalid_argument("Only seven is a number.");
    count_ = 7;
    return true;
  }

 private:
  Index count_ = 0;
  bool running_ = false;
  int shade_ = 0, focus_ = 0;
  std::string summary_ = "Counting quietly.";
};

const std::vector<WorkspaceEntry>& entries() {
  static const std::vector<WorkspaceEntry> all{
      {"mechanics", "Mechanics", "Motion.", nullptr},
      {"count", "Counter", "Numbers.", Counter::make, "count ", ".count"},
      {"broken", "Broken", "Nothing.", Counter::fail},
  };
  return all;
}

AppOptions with_counter(const char* query = "") {
  AppOptions options = testing::paused(query);
  options.workspaces = &entries();
  Counter::forget();
  return options;
}

}  // namespace

TEST_SUITE("shell/workspace") {
  TEST_CASE("a workspace is made when it is first shown, and kept") {
    HeadlessApp headless(1280, 800, with_counter());
    headless.frames(3);
    CHECK(Counter::made == 0);
    CHECK(headless.app().workspace() == "mechanics");
    headless.click(headless.find("Counter"));
    headless.frames(2);
    CHECK(Counter::made == 1);
    CHECK(headless.app().workspace() == "count");
    headless.press(ImGuiKey_S);
    headless.click(headless.find("Mechanics"));
    headless.click(headless.find("Counter"));
    headless.frames(1);
    CHECK(Counter::made == 1);
    CHECK(headless.app().workspace_json().find("\"count\":1,") != std::string::npos);
    CHECK(headless.errors() == 0);
  }

  TEST_CASE("only the workspace on show is polled and drawn") {
    HeadlessApp headless(1280, 800, with_counter());
    headless.frames(2);
    headless.press(ImGuiKey_Space);
    headless.frames(2);
    headless.click(headless.find("Counter"));
    headless.frames(1);
    const Index step = headless.app().view().models.front().step;
    CHECK(step > 0);
    CHECK_FALSE(headless.app().view().training);
    const int polls = Counter::polls;
    headless.frames(5);
    CHECK(Counter::polls == polls + 5);
    CHECK(Counter::slice >= 5);
    CHECK(headless.app().view().models.front().step == step);
    CHECK_FALSE(headless.has("Phase portrait"));
    headless.click(headless.find("Mechanics"));
    headless.frames(1);
    const int draws = Counter::draws;
    headless.frames(5);
    CHECK(Counter::draws == draws);
    CHECK(headless.has("Phase portrait"));
    // Mechanics goes on where it was left: training.
    CHECK(headless.app().is_training());
    CHECK(headless.app().view().models.front().step > step);
  }

  TEST_CASE("the keys and the transport act on the workspace on show") {
    HeadlessApp headless(1280, 800, with_counter("workspace=count"));
    headless.frames(2);
    headless.press(ImGuiKey_S);
    CHECK(headless.app().workspace_json().find("\"count\":1,") != std::string::npos);
    CHECK(headless.app().view().models.front().step == 0);
    headless.click(headless.find("Step"));
    CHECK(headless.app().workspace_json().find("\"count\":2,") != std::string::npos);
    headless.press(ImGuiKey_R);
    CHECK(headless.app().workspace_json().find("\"count\":0,") != std::string::npos);
    headless.press(ImGuiKey_Tab);
    CHECK(headless.app().workspace_json().find("\"focus\":1") != std::string::npos);
    headless.press(ImGuiKey_Space);
    CHECK(headless.app().is_training());
    headless.frames(20);
    CHECK_FALSE(headless.app().is_training());  // finished
    CHECK(headless.app().message() == "Training is finished.");
  }

  TEST_CASE("an idle workspace asks for no frames, a training one for all") {
    HeadlessApp headless(1280, 800, with_counter());
    headless.frames(2);
    CHECK(headless.app().needs_frame());  // the animation of mechanics
    headless.click(headless.find("Counter"));
    headless.frames(10);
    CHECK_FALSE(headless.app().needs_frame());
    headless.press(ImGuiKey_Space);
    CHECK(headless.app().needs_frame());
  }

  TEST_CASE("a link names its workspace, and gets it back with its settings") {
    HeadlessApp headless(1280, 800, with_counter("#shade=1&workspace=count"));
    headless.frames(2);
    CHECK(headless.app().query() == "workspace=count&shade=1");
    CHECK(headless.app().summary() == "Counting quietly.");
    headless.press(ImGuiKey_A);
    CHECK(headless.app().query() == "workspace=count");
    headless.app().load_query("#system=spring");
    CHECK(headless.app().workspace() == "mechanics");
    CHECK(headless.app().query() == "system=spring");
    headless.app().load_query("#workspace=count&shade=1");
    CHECK(headless.app().query() == "workspace=count&shade=1");
    // The run that is saved is still that of mechanics.
    CHECK(headless.app().run_query() == "system=spring");
  }

  TEST_CASE("what a link cannot say is explained") {
    HeadlessApp headless(1280, 800, with_counter("workspace=count&color=red"));
    headless.frames(2);
    CHECK(headless.app().message().find("color=red") != std::string::npos);
    headless.app().load_query("workspace=cuont&system=spring");
    CHECK(headless.app().workspace() == "mechanics");
    CHECK(headless.app().query() == "system=spring");
    CHECK(headless.app().message() ==
          "Part of the link could not be read: No workspace is called \"cuont\"; there are "
          "mechanics, count and broken.");
  }

  TEST_CASE("a workspace that cannot be made leaves the one on show") {
    HeadlessApp headless(1280, 800, with_counter());
    headless.frames(2);
    headless.click(headless.find("Broken"));
    headless.frames(2);
    CHECK(headless.app().workspace() == "mechanics");
    CHECK(headless.app().message() == "Maps cannot be made.");
    headless.app().load_query("workspace=broken");
    CHECK(headless.app().workspace() == "mechanics");
  }

  TEST_CASE("training that fails is paused and explained, and the page lives on") {
    HeadlessApp headless(1280, 800, with_counter("workspace=count"));
    headless.frames(2);
    Counter::poll_fails = true;
    headless.press(ImGuiKey_Space);
    headless.frames(3);
    CHECK(headless.app().message() == "The count ran away.");
    CHECK_FALSE(headless.app().is_training());
    CHECK(headless.errors() == 0);
    Counter::poll_fails = false;
    headless.press(ImGuiKey_Space);
    headless.frames(2);
    CHECK(headless.app().is_training());
  }

  TEST_CASE("a link that there is no memory for is explained, as the page begins and later") {
    AppOptions options = with_counter("workspace=count&shade=1");
    Counter::link_fails = true;
    HeadlessApp headless(1280, 800, options);
    headless.frames(2);
    CHECK(headless.app().message() == "There is not enough memory for this.");
    CHECK(headless.app().query() == "workspace=count");
    headless.app().show_message("");
    headless.app().load_query("workspace=count&shade=1");
    CHECK(headless.app().message() == "There is not enough memory for this.");
    headless.click(headless.find("Files"));
    headless.frames(2);
    headless.click(headless.find("Start over"));  // reads the empty link
    CHECK(headless.app().message() == "There is not enough memory for this.");
    CHECK(headless.errors() == 0);
  }

  TEST_CASE("a file is opened by the workspace that its beginning names") {
    HeadlessApp headless(1280, 800, with_counter("system=spring"));
    headless.frames(2);
    headless.app().import_file("mine.count", "count 7");
    CHECK(headless.app().workspace() == "count");
    CHECK(headless.app().workspace_json().find("\"count\":7,") != std::string::npos);
    CHECK(headless.app().message() == "mine.count is open, paused where it was saved.");
    headless.frames(2);
    headless.requests();
    headless.click(headless.find("Files"));
    headless.frames(2);
    headless.click(headless.find("Open a file …"));
    const std::vector<HostRequest> requests = headless.requests();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].kind == HostRequest::Kind::kOpenFile);
    CHECK(requests[0].type == ".run,.count");
  }

  TEST_CASE("a file that a workspace refuses leaves the one on show") {
    HeadlessApp headless(1280, 800, with_counter("system=spring"));
    headless.frames(2);
    headless.app().import_file("mine.count", "count 8");
    CHECK(headless.app().message() == "mine.count was not opened. Only seven is a number.");
    CHECK(headless.app().workspace() == "mechanics");
    headless.app().import_file("mine.count", "count of sheep");
    CHECK(headless.app().message() ==
          "mine.count was not opened. It is of no kind that this page reads.");
    CHECK(headless.app().workspace() == "mechanics");
    headless.app().import_file("mine.txt", "neither a run nor a count");
    CHECK(headless.app().message().find("mine.txt was not opened. ") == 0);
    CHECK(headless.app().query() == "system=spring");
    CHECK(headless.errors() == 0);
  }

  TEST_CASE("on the narrowest phone no two controls of the bar overlap") {
    HeadlessApp headless(320, 568, testing::paused());
    for (const WorkspaceEntry& entry : workspaces()) {
      CAPTURE(entry.name);
      headless.app().load_query(workspace_link(entry, ""));
      headless.frames(3, {.touch = true});
      float right = 0;
      for (const char* label : {"Workspace", "Start", "Step", "Reset", "Files", "Help"}) {
        CAPTURE(label);
        const Rect area = headless.area(label);
        CHECK(area.x >= right);
        CHECK(area.width >= 33);
        right = area.right();
      }
      CHECK(right <= 320);
      CHECK(headless.errors() == 0);
    }
  }

  TEST_CASE("its pictures, links, files and messages go to the host") {
    HeadlessApp headless(1280, 800, with_counter("workspace=count&shade=1"));
    headless.frames(2);
    headless.requests();
    headless.click(headless.find("Save the picture"));
    headless.frames(2);
    headless.click(headless.find("Copy link"));
    headless.click(headless.find("Files"));
    headless.frames(2);
    CHECK_FALSE(headless.has("Save this run"));
    headless.click(headless.find("Save the count"));
    headless.frames(2);
    const std::vector<HostRequest> requests = headless.requests();
    REQUIRE(requests.size() == 3);
    CHECK(requests[0].kind == HostRequest::Kind::kCapture);
    CHECK(requests[0].name == "counter.png");
    CHECK(requests[0].width == Counter::area.width);
    CHECK(requests[1].kind == HostRequest::Kind::kCopyLink);
    CHECK(requests[1].bytes == "workspace=count&shade=1");
    CHECK(requests[2].kind == HostRequest::Kind::kDownload);
    CHECK(requests[2].name == "count.csv");
    CHECK(requests[2].bytes == "0");
    headless.click(headless.find("Say"));
    CHECK(headless.app().message() == "Something was said.");
    headless.click(headless.find("Files"));
    headless.frames(2);
    headless.click(headless.find("Start over"));
    CHECK(headless.app().query() == "workspace=count");
    CHECK_FALSE(headless.app().take_start_over());  // the autosaved run is mechanics'
  }

  TEST_CASE("a run that is dropped is shown where runs are shown") {
    HeadlessApp headless(1280, 800, with_counter("system=spring"));
    headless.frames(2);
    const std::string bytes = headless.app().save();
    headless.app().load_query("workspace=count");
    headless.app().import_file("mine.run", bytes);
    CHECK(headless.app().workspace() == "mechanics");
    CHECK(headless.app().query() == "system=spring");
  }

  TEST_CASE("a phone switches by a box, and its area fills what is left") {
    HeadlessApp headless(390, 844, with_counter());
    headless.frames(3, {.touch = true});
    for (const char* label : {"Workspace", "Start", "Step", "Reset", "Files", "Help"}) {
      CAPTURE(label);
      CHECK(headless.has(label));
    }
    headless.click(headless.find("Workspace"));
    headless.frames(2);
    headless.click(headless.find("Counter"));
    headless.frames(2);
    CHECK(headless.app().workspace() == "count");
    CHECK(Counter::area.width > 340);
    CHECK(Counter::area.height > 600);
    CHECK(Counter::area.bottom() <= 844);
    CHECK(headless.errors() == 0);
    headless.click(headless.find("Files"));
    headless.frames(2);
    CHECK(headless.has("Copy link"));
    CHECK(headless.has("Light theme"));
  }

  TEST_CASE("every workspace of the page draws, trains and goes back to its link") {
    for (std::size_t k = 1; k < workspaces().size(); ++k) {
      CAPTURE(workspaces()[k].name);
      const std::string link = workspace_link(workspaces()[k], "");
      for (const ImVec2 display : {ImVec2(1280, 800), ImVec2(390, 844), ImVec2(844, 390)}) {
        CAPTURE(display.x);
        HeadlessApp headless(display.x, display.y, testing::paused(link.c_str()));
        const FrameInput input{.touch = display.x < 1000};
        headless.frames(4, input);
        // What is shown is computed a slice in each frame: on a slow machine, in many.
        const auto vertices = [] { return ImGui::GetDrawData()->TotalVtxCount; };
        for (int n = 0; n < 1000 && vertices() <= 2000; ++n) headless.frames(1, input);
        CHECK(headless.errors() == 0);
        CHECK(headless.app().workspace() == workspaces()[k].name);
        CHECK(headless.app().query() == link);
        CHECK(vertices() > 2000);
        CHECK(headless.app().summary().size() > 20);
        headless.press(ImGuiKey_S);
        headless.press(ImGuiKey_Space);
        headless.frames(2);
        CHECK(headless.app().is_training());
        CHECK(headless.errors() == 0);
        headless.press(ImGuiKey_Space);
        headless.app().load_query(link + "&no-such-setting=1");
        CHECK(headless.app().message().find("no-such-setting") != std::string::npos);
        CHECK(headless.app().query() == link);
      }
    }
  }
}
