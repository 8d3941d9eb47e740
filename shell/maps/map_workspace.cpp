#include "map_workspace.h"

#include <algorithm>
#include <cmath>
#include <exception>

#include "base/contract.h"
#include "idle_time.h"
#include "map_card.h"
#include "map_controls.h"
#include "map_losses.h"
#include "map_screen.h"
#include "panels/controls.h"
#include "plots/plot_card.h"
#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

constexpr float kGap = 10;
// One way through the maps, and the rest at either end [s].
constexpr double kTravel = 2.6, kRest = 0.9;

/// There, rest, back, rest.
double depth_at(double phase) {
  const double t = std::fmod(phase, 2 * (kTravel + kRest));
  const auto smooth = [](double s) { return s * s * (3 - 2 * s); };
  if (t < kTravel) return smooth(t / kTravel);
  if (t < kTravel + kRest) return 1;
  if (t < 2 * kTravel + kRest) return smooth(1 - (t - kTravel - kRest) / kTravel);
  return 0;
}

std::string json_number(double value) { return std::isfinite(value) ? to_text(value) : "null"; }

class MapWorkspace final : public Workspace {
 public:
  MapWorkspace();

  void draw(const WorkspaceFrame& frame, Commands& commands) override;
  bool poll(double milliseconds) override;
  void start() override;
  void pause() override { session_.pause(); }
  void step() override;
  void reset() override;
  TrainingProgress progress() const override;
  bool needs_frame() const override;
  std::string query() const override { return to_query(session_.config()); }
  std::vector<std::string> load_query(std::string_view query) override;
  const std::string& summary() const override { return session_.view().summary; }
  std::string_view title() const override { return "What maps can learn"; }
  std::string_view description() const override;
  std::string state_json() const override;
  void next_focus(bool backwards) override;
  std::vector<WorkspaceExport> exports() const override;
  ExportedFile export_file(std::size_t index) const override;

 private:
  void draw_wide(const WorkspaceFrame& frame, Commands& commands);
  void draw_compact(const WorkspaceFrame& frame, Commands& commands);
  void draw_controls(const Rect& area, const WorkspaceFrame& frame, Commands& commands);
  void draw_heading(const Rect& area, bool card) const;
  void draw_scrubber(const Rect& area);
  bool has_scrubber() const;
  void animate(double dt);
  /// Shows another config; training goes on where it was running.
  void adopt(const MapSessionConfig& config);
  void restart_screen();

  MapSession session_;
  MapScreen screen_;
  IdleTime idle_;
  bool losses_focused_ = false;
};

MapWorkspace::MapWorkspace() { restart_screen(); }

void MapWorkspace::restart_screen() {
  screen_.draft = session_.config();
  screen_.fault.clear();
  screen_.picture =
      session_.config().task == MapTask::kDisc ? MapPicture::kDecision : MapPicture::kPaths;
  screen_.shown_map =
      std::min(screen_.shown_map, static_cast<int>(session_.view().models.size()) - 1);
}

void MapWorkspace::adopt(const MapSessionConfig& config) {
  const bool was_running = session_.view().training;
  const MapTask task = session_.config().task;
  try {
    const std::vector<std::string> faults = session_.configure(config);
    if (!faults.empty()) {
      screen_.fault = faults.front();
      return;
    }
  } catch (const std::exception& error) {  // No memory, say: a frame must not end with it.
    screen_.fault = reason(error);
    screen_.draft = session_.config();
    return;
  }
  const MapPicture picture = screen_.picture;
  restart_screen();
  if (session_.config().task == task) screen_.picture = picture;
  if (was_running) session_.start();
}

std::string_view MapWorkspace::description() const {
  return "Each map takes points through a sequence of states to where a task wants them. Some "
         "tasks are impossible for some maps, whatever their parameters: paths of an ordinary "
         "differential equation never cross, so on a line a neural ODE keeps the order of the "
         "points, and in the plane what is inside stays inside. An added dimension makes room. "
         "The error that is reached stands beside the one that is proven to remain.";
}

bool MapWorkspace::poll(double milliseconds) { return session_.poll(milliseconds); }

void MapWorkspace::start() { session_.start(); }

void MapWorkspace::step() {
  session_.advance(1);
  session_.refresh();
}

void MapWorkspace::reset() { session_.reset(); }

TrainingProgress MapWorkspace::progress() const {
  const MapView& view = session_.view();
  TrainingProgress progress{.steps_per_second = view.steps_per_second,
                            .running = view.training,
                            .finished = view.finished};
  for (const MapModelView& map : view.models) progress.step = std::max(progress.step, map.step);
  return progress;
}

bool MapWorkspace::has_scrubber() const {
  return has_moving_points(session_.view()) && screen_.picture == MapPicture::kPaths;
}

bool MapWorkspace::needs_frame() const {
  return session_.view().training || (screen_.playing && has_scrubber());
}

std::vector<std::string> MapWorkspace::load_query(std::string_view query) {
  ParsedMapConfig parsed = parse_map_config(query);
  if (parsed.config == session_.config()) {
    restart_screen();  // Whatever was being edited is not in the link.
  } else {
    adopt(parsed.config);
    if (!screen_.fault.empty()) parsed.faults.push_back(screen_.fault);
  }
  return std::move(parsed.faults);
}

void MapWorkspace::next_focus(bool backwards) {
  const int step = backwards ? 2 : 1;
  screen_.tab = static_cast<MapTab>((static_cast<int>(screen_.tab) + step) % 3);
  losses_focused_ = screen_.tab == MapTab::kLosses;
}

std::string MapWorkspace::state_json() const {
  const MapView& view = session_.view();
  std::string json = "{\"task\":\"" + std::string(traits(view.task).name) + "\",\"maps\":[";
  for (std::size_t k = 0; k < view.models.size(); ++k) {
    const MapModelView& map = view.models[k];
    json += (k > 0 ? "," : "");
    json += "{\"kind\":\"" + std::string(traits(map.config.kind).name) +
            "\",\"step\":" + std::to_string(map.step) +
            ",\"meanSquareError\":" + json_number(map.score.mean_square_error) +
            ",\"worstError\":" + json_number(map.score.worst_error) +
            ",\"accuracy\":" + json_number(map.score.accuracy) +
            ",\"bound\":" + json_number(map.bound.mean_square_error) +
            ",\"worstBound\":" + json_number(map.bound.worst_error) +
            ",\"encloses\":" + (map.encloses_positive ? "true" : "false") + "}";
  }
  return json + "]}";
}

std::vector<WorkspaceExport> MapWorkspace::exports() const {
  return {{"Save the errors as CSV", "Map, step, training and test error, learning rate."}};
}

ExportedFile MapWorkspace::export_file(std::size_t) const {
  ExportedFile file{"map-errors.csv", "text/csv", "map,step,train_error,test_error,rate\n"};
  for (const MapModelView& map : session_.view().models) {
    for (const HistoryEntry& entry : map.history) {
      file.bytes += map.name + ',' + std::to_string(entry.step) + ',' +
                    to_text(entry.train_loss) + ',' + to_text(entry.test_loss) + ',' +
                    to_text(entry.learning_rate) + '\n';
    }
  }
  return file;
}

void MapWorkspace::animate(double dt) {
  const bool moves = screen_.playing && has_scrubber();
  idle_.advance(dt, session_.view().training || !moves);
  if (idle_.is_over()) screen_.playing = false;
  if (!moves) return;
  screen_.phase += std::clamp(dt, 0.0, 0.1);
  screen_.depth = depth_at(screen_.phase);
}

void MapWorkspace::draw(const WorkspaceFrame& frame, Commands& commands) {
  animate(frame.dt);
  if (frame.display.compact) {
    draw_compact(frame, commands);
  } else {
    draw_wide(frame, commands);
  }
}

void MapWorkspace::draw_controls(const Rect& area, const WorkspaceFrame& frame,
                                 Commands& commands) {
  if (draw_map_controls(area, session_.view(), screen_, frame.display, commands))
    adopt(screen_.draft);
}

// What is asked, and what is proven about it.
void MapWorkspace::draw_heading(const Rect& area, bool card) const {
  const MapTaskTraits& task = traits(session_.view().task);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Rect inner = card ? area.shrunk(16, 11) : area.shrunk(6, 2);
  if (card) draw_card(list, area, false);
  list.PushClipRect(area.min(), area.max(), true);
  ImGui::SetCursorScreenPos(inner.min());
  ImGui::PushFont(fonts().heading);
  wrapped_text(task.statement, inner.width, palette().ink);
  ImGui::PopFont();
  ImGui::SetCursorScreenPos({inner.x, ImGui::GetCursorScreenPos().y - 3});
  ImGui::PushFont(fonts().small);
  wrapped_text(task.lesson, inner.width, palette().muted);
  ImGui::PopFont();
  list.PopClipRect();
}

// Which picture, and how far through the maps.
void MapWorkspace::draw_scrubber(const Rect& area) {
  const Palette& colors = palette();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_card(list, area, false);
  float x = area.x + 7;
  if (traits(session_.view().task).is_classification) {
    static constexpr const char* kPictures[] = {"Inside the map", "Decision"};
    int picture = static_cast<int>(screen_.picture);
    const float width = std::min(220.0f, 0.46f * area.width);
    if (segmented("Picture", {x, area.y + 7, width, area.height - 14}, kPictures, 2, picture))
      screen_.picture = static_cast<MapPicture>(picture);
    x += width + 8;
  }
  if (!has_scrubber()) {
    ImGui::PushFont(fonts().small);
    draw_fitted_text(list, {x + 6, area.center().y - 0.5f * ImGui::GetFontSize()},
                     area.right() - x - 16, colors.muted,
                     "Each map's answer over the plane: its hue where it says yes.");
    ImGui::PopFont();
    return;
  }
  const float size = area.height - 12;
  if (icon_button(screen_.playing ? "Pause animation" : "Play animation",
                  screen_.playing ? Icon::kPause : Icon::kPlay, {x, area.y + 6, size, size})) {
    screen_.playing = !screen_.playing;
  }
  ImGui::PushFont(fonts().small);
  const float y = area.center().y, half = 0.5f * ImGui::GetFontSize();
  const float in = math_text_size("in").x, out = math_text_size("out").x;
  const Rect track{x + size + 18 + in, area.y, area.right() - x - size - in - out - 46,
                   area.height};
  draw_math_text(list, {track.x - in - 10, y - half}, colors.muted, "in");
  draw_math_text(list, {track.right() + 10, y - half}, colors.muted, "out");
  ImGui::PopFont();
  if (track.width < 30) return;
  ImGui::SetCursorScreenPos({track.x - 6, track.y});
  ImGui::InvisibleButton("Depth", {track.width + 12, track.height});
  if (ImGui::IsItemActive()) {
    screen_.playing = false;
    screen_.depth = std::clamp(
        static_cast<double>((ImGui::GetMousePos().x - track.x) / track.width), 0.0, 1.0);
    screen_.phase = kTravel * screen_.depth;
  }
  const bool strong = ImGui::IsItemHovered() || ImGui::IsItemActive();
  const float knob = track.x + static_cast<float>(screen_.depth) * track.width;
  list.AddRectFilled({track.x, y - 1.5f}, {track.right(), y + 1.5f}, colors.hovered, 2);
  list.AddRectFilled({track.x, y - 1.5f}, {knob, y + 1.5f}, colors.muted, 2);
  list.AddCircleFilled({knob, y}, strong ? 7.5f : 6.0f, colors.ink);
}

void MapWorkspace::draw_wide(const WorkspaceFrame& frame, Commands& commands) {
  const Rect& area = frame.area;
  const MapView& view = session_.view();
  const float left = std::clamp(0.22f * area.width, 268.0f, 340.0f);
  draw_controls({area.x, area.y, left, area.height}, frame, commands);
  const float x = area.x + left + kGap, width = area.right() - x;
  ImGui::PushFont(fonts().small);
  const bool long_lesson = math_text_size(traits(view.task).lesson).x > width - 34;
  ImGui::PopFont();
  const Rect heading{x, area.y, width, long_lesson ? 78.0f : 62.0f};
  draw_heading(heading, true);
  const float losses = std::floor(std::clamp(0.26f * area.height, 120.0f, 280.0f));
  const Rect loss_area{x, area.bottom() - losses, width, losses};
  const float scrubber = has_moving_points(view) ? 44.0f : 0.0f;
  const Rect scrubber_area{x, loss_area.y - kGap - scrubber, width, scrubber};
  const float top = heading.bottom() + kGap;
  const float bottom = scrubber > 0 ? scrubber_area.y - kGap : loss_area.y - kGap;
  const auto count = static_cast<float>(view.models.size());
  const float part = std::floor((width - kGap * (count - 1)) / count);
  for (std::size_t k = 0; k < view.models.size(); ++k) {
    const Rect card{x + static_cast<float>(k) * (part + kGap), top, part, bottom - top};
    draw_map_card(card, view, k, screen_, frame.display, commands);
  }
  if (scrubber > 0) draw_scrubber(scrubber_area);
  draw_map_losses(loss_area, view, losses_focused_, frame.display, commands);
}

void MapWorkspace::draw_compact(const WorkspaceFrame& frame, Commands& commands) {
  const Rect& area = frame.area;
  const MapView& view = session_.view();
  static constexpr const char* kTabs[] = {"Maps", "Errors", "Controls"};
  int tab = static_cast<int>(screen_.tab);
  if (segmented("tabs", {area.x, area.y, area.width, 38}, kTabs, 3, tab))
    screen_.tab = static_cast<MapTab>(tab);
  const Rect content{area.x, area.y + 38 + 8, area.width, area.height - 46};
  if (screen_.tab == MapTab::kControls) {
    draw_controls(content, frame, commands);
    return;
  }
  if (screen_.tab == MapTab::kLosses) {
    const float height = std::min(content.height, 420.0f);
    draw_map_losses({content.x, content.y, content.width, height}, view, false, frame.display,
                    commands);
    return;
  }
  constexpr float kHeading = 92;
  draw_heading({content.x, content.y, content.width, kHeading}, false);
  float y = content.y + kHeading;
  const auto count = static_cast<int>(view.models.size());
  screen_.shown_map = std::clamp(screen_.shown_map, 0, count - 1);
  if (count > 1) {
    // Room in proportion to what each name needs: some are twice as long as others.
    float needed = 0;
    for (const MapModelView& map : view.models) needed += chip_width(map.name.c_str(), true);
    float x = content.x;
    for (int k = 0; k < count; ++k) {
      ImGui::PushID(k);
      const MapModelView& map = view.models[static_cast<std::size_t>(k)];
      const float part =
          std::floor(content.width * chip_width(map.name.c_str(), true) / needed);
      if (chip(map.name.c_str(), {x, y, part - 4, 34}, k == screen_.shown_map,
               series_color(k))) {
        screen_.shown_map = k;
      }
      x += part;
      ImGui::PopID();
    }
    y += 42;
  }
  const float scrubber = has_moving_points(view) ? 46.0f : 0.0f;
  const float bottom = content.bottom() - (scrubber > 0 ? scrubber + 8 : 0);
  draw_map_card({content.x, y, content.width, bottom - y}, view,
                static_cast<std::size_t>(screen_.shown_map), screen_, frame.display, commands);
  if (scrubber > 0)
    draw_scrubber({content.x, content.bottom() - scrubber, content.width, scrubber});
}

}  // namespace

std::unique_ptr<Workspace> make_map_workspace() { return std::make_unique<MapWorkspace>(); }

}  // namespace least_action
