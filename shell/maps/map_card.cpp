#include "map_card.h"

#include <algorithm>
#include <cmath>

#include "map_picture.h"
#include "number_format.h"
#include "panels/controls.h"
#include "plots/plot_card.h"
#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

struct Figure {
  Label value;
  const char* caption;
};

// Large value, small caption below; returns its width.
float draw_figure(ImVec2 at, const Figure& figure, ImU32 color) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  ImGui::PushFont(fonts().title);
  draw_math_text(list, at, color, figure.value);
  float width = math_text_size(figure.value).x;
  ImGui::PopFont();
  ImGui::PushFont(fonts().small);
  draw_math_text(list, {at.x, at.y + kTitleSize + 4}, palette().muted, figure.caption);
  width = std::max(width, math_text_size(figure.caption).x);
  ImGui::PopFont();
  return width;
}

// Error and proven bound, the pair that the task is about.
void draw_figures(const Rect& area, const MapView& view, const MapModelView& map, ImU32 color) {
  const bool classifies = traits(view.task).is_classification;
  const bool worst = view.task == MapTask::kReflection || view.task == MapTask::kAnnulus;
  Figure first{worst ? format_value(map.score.worst_error, 3)
                     : format_value(map.score.mean_square_error, 3),
               worst ? "worst error" : "mean square error"};
  if (view.task == MapTask::kDisc) {
    first = {format_label("%s %%",
                          format_value(std::floor(1000 * map.score.accuracy) / 10, 3).c_str()),
             "right"};
  }
  float x = area.x + draw_figure(area.min(), first, color) + 22;
  const double bound = worst ? map.bound.worst_error : map.bound.mean_square_error;
  if (!std::isnan(bound)) {
    x += draw_figure({x, area.y}, {format_value(bound, 3), "proven least"}, palette().ink) + 22;
  } else if (map.bound.no_bounded_region) {
    x += draw_figure({x, area.y}, {format_label("never"), "closes a region"}, palette().ink) +
         22;
  }
  if (classifies && worst) {
    draw_figure(
        {x, area.y},
        {format_label("%s %%",
                      format_value(std::floor(1000 * map.score.accuracy) / 10, 3).c_str()),
         "right"},
        palette().ink);
  }
}

}  // namespace

void draw_map_card(const Rect& area, const MapView& view, std::size_t index,
                   const MapScreen& screen, const DisplayState& display, Commands& commands) {
  const MapModelView& map = view.models[index];
  const ImU32 color = series_color(static_cast<int>(index));
  ImGui::PushID(static_cast<int>(index));
  const Label file = format_label("map-%d.png", static_cast<int>(index) + 1);
  const Rect body = draw_plot_card(area, "", file.c_str(), false, display, commands);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddCircleFilled({area.x + 20, area.y + 19}, 5, color);
  ImGui::PushFont(fonts().heading);
  draw_fitted_text(list, {area.x + 33, area.y + 10}, area.width - 70, palette().ink, map.name);
  ImGui::PopFont();
  ImGui::PushFont(fonts().small);
  Label size =
      format_label("%s parameters  ·  depth %s", format_count(map.num_parameters).c_str(),
                   format_count(map.evaluations).c_str());
  draw_fitted_text(list, {area.x + 33, area.y + 29}, area.width - 44, palette().muted, size);
  ImGui::SetCursorScreenPos({area.x + 33, area.y + 29});
  ImGui::Dummy({area.width - 44, 15});
  explain(
      "Trained numbers, and how many times the network (or one of its blocks) is evaluated on "
      "the way of one point.");
  ImGui::PopFont();

  constexpr float kMargin = 14, kFigures = 46;
  const float sentence = area.width < 290 ? 88.0f : 72.0f;
  const float top = body.y + 16;
  const Rect picture{area.x + kMargin, top, area.width - 2 * kMargin,
                     area.bottom() - top - sentence - kFigures - 22};
  const bool decision = traits(view.task).is_classification &&
                        (screen.picture == MapPicture::kDecision || map.num_states < 2);
  if (decision) {
    draw_map_decision(picture, view, map, color);
  } else {
    draw_map_paths(picture, view, map, color, screen.depth);
  }
  const Rect figures{picture.x, picture.bottom() + 12, picture.width, kFigures};
  draw_figures(figures, view, map, color);
  ImGui::PushFont(fonts().small);
  ImGui::SetCursorScreenPos({figures.x, figures.bottom() + 4});
  list.PushClipRect({area.x, figures.y}, {area.right(), area.bottom() - 4}, true);
  wrapped_text(map.message.empty() ? map.result : map.result + ' ' + map.message, figures.width,
               palette().muted);
  list.PopClipRect();
  ImGui::PopFont();
  ImGui::PopID();
}

}  // namespace least_action
