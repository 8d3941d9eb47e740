#include "flow_workspace.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "control_map.h"
#include "flow_controls.h"
#include "flow_plots.h"
#include "idle_time.h"
#include "panels/controls.h"
#include "panels/transport.h"
#include "plots/plot_card.h"
#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

constexpr float kGap = 10;
constexpr double kTravel = 3, kRest = 1;  // [s] of the animation: on the way, and arrived.

/// The time of the samples: runs from 0 to 1, rests, and begins again.
struct FlowClock {
  bool playing = true;
  double phase = 0;  ///< [s] since the beginning.

  double time() const { return std::clamp(phase / kTravel, 0.0, 1.0); }
  void set(double time) { phase = time * kTravel; }
  void advance(double dt) {
    if (playing) phase = std::fmod(phase + dt, kTravel + kRest);
  }
};

class FlowWorkspace final : public Workspace {
 public:
  void draw(const WorkspaceFrame& frame, Commands& commands) override;
  bool poll(double milliseconds) override { return session_.poll(milliseconds); }
  void start() override { session_.start(); }
  void pause() override { session_.pause(); }
  void step() override { session_.advance(1); }
  void reset() override { session_.reset(); }
  TrainingProgress progress() const override {
    const FlowView& view = session_.view();
    return {.step = view.step,
            .steps_per_second = view.steps_per_second,
            .running = view.training,
            .finished = view.finished};
  }
  bool needs_frame() const override {
    return session_.view().training || session_.is_stale() || clock_.playing;
  }
  std::string query() const override { return to_query(session_.config()); }
  std::vector<std::string> load_query(std::string_view query) override;
  const std::string& summary() const override { return session_.view().summary; }
  std::string_view title() const override { return "Density flow"; }
  std::string_view description() const override {
    return "A continuous normalising flow learns a density of the plane from samples: its "
           "field ẋ = f(t, x) carries a Gaussian to it, and the log-density changes by the "
           "field's divergence on the way. The loss is in nats above which nothing but the "
           "entropy of the density is left. V plays and pauses the samples.";
  }
  std::string state_json() const override;
  void next_focus(bool backwards) override {
    focus_ = (focus_ + (backwards ? kPlots - 1 : 1)) % kPlots;
    if (focus_ > 0) tab_ = focus_ - 1;
  }
  std::vector<WorkspaceExport> exports() const override {
    return {{"Save samples as CSV", "600 samples of the flow with their log-density."},
            {"Save the flow", "Settings, parameters and optimiser, to go on later."}};
  }
  ExportedFile export_file(std::size_t index) const override {
    if (index == 0) return {"flow-samples.csv", "text/csv", session_.samples_csv()};
    return {"density.flow", "application/octet-stream", session_.save()};
  }
  bool import_file(std::string_view bytes) override;

 private:
  static constexpr int kPlots = 4;  // Samples, density, target, likelihood.

  void draw_flow(const Rect& area, const DisplayState& display, Commands& commands);
  void draw_learned(const Rect& area, const DisplayState& display, Commands& commands);
  void draw_target(const Rect& area, const DisplayState& display, Commands& commands);
  void animate(double dt);
  void draw_times(const Rect& area);
  void draw_figures(const Rect& area) const;
  void draw_wide(const WorkspaceFrame& frame, Commands& commands);
  void draw_narrow(const WorkspaceFrame& frame, Commands& commands);

  FlowSession session_;
  FlowDraft draft_;
  FlowClock clock_;
  IdleTime idle_;
  double brightest_ = 0;
  std::uint64_t brightest_version_ = 0;
  int focus_ = 0, tab_ = 0;
  std::string message_;
};

void draw_plane_axes(ImDrawList& list, const PlotArea& plane) {
  const Ticks ticks = linear_ticks(plane.x_range(), 5);
  draw_axes(list, plane, ticks, ticks, "");
}

std::vector<std::string> FlowWorkspace::load_query(std::string_view query) {
  const ParsedFlowConfig parsed = parse_flow_config(query);
  const ConfigureReport report = session_.configure(parsed.config);
  draft_.config = session_.config();
  draft_.fault.clear();
  std::vector<std::string> faults = parsed.faults;
  faults.insert(faults.end(), report.faults.begin(), report.faults.end());
  return faults;
}

bool FlowWorkspace::import_file(std::string_view bytes) {
  session_.load(bytes);
  draft_ = {.config = session_.config(), .fault = {}, .fault_key = {}};
  return true;
}

std::string FlowWorkspace::state_json() const {
  const FlowView& view = session_.view();
  const auto number = [](double value) {
    return std::isfinite(value) ? std::to_string(value) : std::string("null");
  };
  return "{\"step\":" + std::to_string(view.step) + ",\"train\":" + number(view.train_nll) +
         ",\"test\":" + number(view.test_nll) + ",\"entropy\":" + number(view.entropy) +
         ",\"mass\":" + number(view.mass) +
         ",\"evaluations\":" + std::to_string(view.evaluations) +
         ",\"bytes\":" + std::to_string(view.bytes) + ",\"time\":" + number(clock_.time()) +
         ",\"playing\":" + (clock_.playing ? "true" : "false") +
         ",\"message\":" + json_string(view.message) + "}";
}

void FlowWorkspace::draw_times(const Rect& area) {
  const Palette& colors = palette();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float size = std::min(area.height, 34.0f), y = area.center().y;
  const Rect play{area.x, y - 0.5f * size, size, size};
  if (icon_button(clock_.playing ? "Pause samples" : "Play samples",
                  clock_.playing ? Icon::kPause : Icon::kPlay, play)) {
    clock_.playing = !clock_.playing;
  }
  ImGui::PushFont(fonts().small);
  const Label text = format_label("t = %.2f", clock_.time());
  const float text_x = area.right() - math_text_size("t = 0.00").x;
  draw_math_text(list, {text_x, y - 0.5f * ImGui::GetFontSize()}, colors.muted, text);
  ImGui::PopFont();
  const Rect track{play.right() + 12, area.y, text_x - play.right() - 28, area.height};
  if (track.width < 20) return;
  ImGui::SetCursorScreenPos({track.x - 8, track.y});
  ImGui::InvisibleButton("Flow time", {track.width + 16, track.height});
  if (ImGui::IsItemActive()) {
    clock_.playing = false;
    clock_.set(std::clamp(static_cast<double>((ImGui::GetMousePos().x - track.x) / track.width),
                          0.0, 1.0));
  }
  const bool strong = ImGui::IsItemHovered() || ImGui::IsItemActive();
  const float knob = track.x + static_cast<float>(clock_.time()) * track.width;
  list.AddRectFilled({track.x, y - 1.5f}, {track.right(), y + 1.5f}, colors.hovered, 2);
  list.AddRectFilled({track.x, y - 1.5f}, {knob, y + 1.5f}, colors.muted, 2);
  list.AddCircleFilled({knob, y}, strong ? 7.5f : 6.0f, colors.ink);
}

void FlowWorkspace::draw_flow(const Rect& area, const DisplayState& display,
                              Commands& commands) {
  const Rect body =
      draw_plot_card(area, "Samples on their way", "flow.png", focus_ == 0, display, commands);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  constexpr float kTimes = 36;
  const FlowView& view = session_.view();
  const PlotArea plane = square_plane(
      {body.x + 10, body.y + 2, body.width - 24, body.height - kTimes - 8}, view.extent, true);
  draw_plane_axes(list, plane);
  if (view.path_count == 0) {
    draw_placeholder(list, plane.rect(), "Samples are on their way.");
  } else {
    draw_samples(list, plane, view, clock_.time());
  }
  draw_times({body.x + 14, body.bottom() - kTimes - 2, body.width - 30, kTimes});
}

void FlowWorkspace::draw_learned(const Rect& area, const DisplayState& display,
                                 Commands& commands) {
  const Rect body =
      draw_plot_card(area, "Learned density", "density.png", focus_ == 1, display, commands);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float scale = area.height > 300 ? 36.0f : 0.0f;  // Below that, all for the map.
  const FlowView& view = session_.view();
  const PlotArea plane = square_plane(
      {body.x + 10, body.y + 2, body.width - 24, body.height - scale - 8}, view.extent, true);
  draw_plane_axes(list, plane);
  if (view.log_density.empty()) {
    draw_placeholder(list, plane.rect(), "The density is being computed.");
  } else {
    draw_density(list, plane, view.log_density, view.cells, brightest_);
  }
  if (scale == 0) return;
  const float y = body.bottom() - 0.5f * scale - 2;
  draw_density_scale(list, {plane.rect().x + 14, y - 4, 0.4f * plane.rect().width, 8},
                     brightest_);
  ImGui::PushFont(fonts().small);
  const Label mass = format_label("mass %s", format_value(view.mass, 4).c_str());
  const float width = math_text_size(mass).x;
  if (!view.log_density.empty()) {
    draw_math_text(list, {plane.rect().right() - width, y - 0.5f * ImGui::GetFontSize()},
                   palette().muted, mass);
  }
  ImGui::PopFont();
}

void FlowWorkspace::draw_target(const Rect& area, const DisplayState& display,
                                Commands& commands) {
  const FlowView& view = session_.view();
  const Rect body = draw_plot_card(area, traits(session_.config().density).title, "target.png",
                                   focus_ == 2, display, commands);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const PlotArea plane = square_plane({body.x + 12, body.y, body.width - 24, body.height - 12},
                                      view.extent, false);
  const float mark = plane.rect().width > 300 ? 2.4f : 1.7f;
  draw_targets(list, plane, view.target, with_alpha(palette().ink, 0.75f), mark);
}

void FlowWorkspace::draw_figures(const Rect& area) const {
  const FlowView& view = session_.view();
  const std::array<std::array<Label, 2>, 5> figures{{
      {format_value(view.test_nll, 4), format_label("test loss [nat]")},
      {format_value(view.test_nll - view.entropy, 3), format_label("above entropy [nat]")},
      {format_value(static_cast<double>(view.evaluations), 4),
       format_label("evaluations a step")},
      {format_bytes(static_cast<double>(view.bytes)), format_label("gradient memory")},
      {format_count(view.num_parameters), format_label("parameters")},
  }};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_card(list, area, false);
  const bool row = area.width > area.height;
  const int shown = row ? std::min(5, std::max(2, static_cast<int>(area.width / 108))) : 5;
  const float width = row ? (area.width - 28) / static_cast<float>(shown) : area.width - 28;
  const float height = row ? area.height : (area.height - 16) / 5;
  for (int k = 0; k < shown; ++k) {
    const auto& figure = figures[static_cast<std::size_t>(k)];
    const float x = area.x + 14 + (row ? width * static_cast<float>(k) : 0);
    const float y =
        area.y + (row ? 0.5f * (area.height - 36) : 8 + height * static_cast<float>(k));
    ImGui::PushFont(fonts().heading);
    draw_fitted_text(list, {x, y}, width - 6, palette().ink, figure[0]);
    ImGui::PopFont();
    ImGui::PushFont(fonts().small);
    draw_fitted_text(list, {x, y + 19}, width - 6, palette().muted, figure[1]);
    ImGui::PopFont();
  }
}

void FlowWorkspace::draw_wide(const WorkspaceFrame& frame, Commands& commands) {
  const Rect& area = frame.area;
  const float controls = std::clamp(0.22f * area.width, 250.0f, 300.0f);
  draw_flow_controls({area.x, area.y, controls, area.height}, session_, draft_, frame.display,
                     commands);
  const float x = area.x + controls + kGap, width = area.right() - x;
  const float half = 0.5f * (width - kGap);
  // Two squares beside each other; below them what training does, and the target to compare.
  const float upper = std::min(half + 54, 0.62f * area.height);
  draw_flow({x, area.y, half, upper}, frame.display, commands);
  draw_learned({x + half + kGap, area.y, half, upper}, frame.display, commands);
  const float y = area.y + upper + kGap, lower = area.bottom() - y;
  draw_likelihood({x, y, half, lower}, session_.view(), frame.display, focus_ == 3, commands);
  const float target = std::min(lower - 22, half - 150);
  const Rect figures{x + half + kGap, y, half - target - kGap, lower};
  draw_figures(figures);
  draw_target({figures.right() + kGap, y, target, lower}, frame.display, commands);
}

void FlowWorkspace::draw_narrow(const WorkspaceFrame& frame, Commands& commands) {
  const Rect& area = frame.area;
  constexpr float kTabs = 38;
  const float upper = std::min(area.width + 76, 0.54f * area.height);
  draw_flow({area.x, area.y, area.width, upper}, frame.display, commands);
  static constexpr std::array<const char*, 4> kNames{"Density", "Target", "Loss", "Controls"};
  const float y = area.y + upper + kGap;
  segmented("Flow views", {area.x, y, area.width, kTabs}, kNames.data(), 4, tab_);
  const Rect rest{area.x, y + kTabs + kGap, area.width, area.bottom() - y - kTabs - kGap};
  if (tab_ == 0) draw_learned(rest, frame.display, commands);
  if (tab_ == 1) draw_target(rest, frame.display, commands);
  if (tab_ == 2) {
    draw_figures({rest.x, rest.y, rest.width, 54});
    draw_likelihood({rest.x, rest.y + 54 + kGap, rest.width, rest.height - 54 - kGap},
                    session_.view(), frame.display, focus_ == 3, commands);
  }
  if (tab_ == 3) draw_flow_controls(rest, session_, draft_, frame.display, commands);
}

void FlowWorkspace::animate(double dt) {
  idle_.advance(dt, session_.view().training || !clock_.playing);
  if (idle_.is_over()) clock_.playing = false;
  clock_.advance(dt);
}

void FlowWorkspace::draw(const WorkspaceFrame& frame, Commands& commands) {
  const FlowView& view = session_.view();
  animate(frame.dt);
  if (view.true_density_version != brightest_version_) {
    brightest_version_ = view.true_density_version;
    brightest_ = 1.2 * largest_density(view.true_log_density);  // Some room above the truth.
  }
  if (keys_are_free() && ImGui::IsKeyPressed(ImGuiKey_V, false)) {
    clock_.playing = !clock_.playing;
  }
  if (view.message != message_) {
    message_ = view.message;
    if (!message_.empty()) commands.push_back(ShowMessage{message_, true});
  }
  if (frame.display.compact) {
    draw_narrow(frame, commands);
  } else {
    draw_wide(frame, commands);
  }
}

}  // namespace

std::unique_ptr<Workspace> make_flow_workspace() { return std::make_unique<FlowWorkspace>(); }

}  // namespace least_action
