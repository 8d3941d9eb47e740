#include "plots/figures_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "number_format.h"
#include "panels/controls.h"
#include "plots/plot_card.h"
#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

struct Column {
  const char* title;
  const char* help;
};
constexpr std::array<Column, 6> kColumns{
    {{"Test loss", "Loss on trajectories that were not trained on."},
     {"Energy drift",
      "Largest relative error of the true energy along the learned trajectory."},
     {"Valid time", "How long the learned trajectory stays close to the true one."},
     {"Steps/s", "Training steps in a second."},
     {"NFE",
      "Evaluations of the field along the learned trajectory: the depth of the network."},
     {"Memory", "The most that the gradient of a training step held at a time."}}};
constexpr std::size_t kFewColumns = 4;  // where there is room for no more

Label cell_text(const ModelView& model, const SessionView& view, std::size_t column) {
  switch (column) {
    case 0:
      return format_value(std::isfinite(model.test_loss) ? model.test_loss : model.train_loss,
                          2);
    case 1:
      if (model.energy_drift > 9.99) return format_label("> 999 %%");
      return format_label("%s %%", format_value(100 * model.energy_drift, 2).c_str());
    case 2: {
      const double end = view.times.size() > 0 ? view.times[view.times.size() - 1] : 0;
      if (model.valid_throughout) return format_label("≥ %s s", format_value(end, 3).c_str());
      return format_label("%s s", format_value(model.valid_time, 2).c_str());
    }
    case 3:
      return model.steps_per_second > 0 ? format_value(model.steps_per_second, 3)
                                        : format_label("–");
    case 4:
      return format_count(model.trajectory.evaluations);
    default:
      return format_bytes(model.gradient_bytes);
  }
}

// What the columns have no room for.
std::string details_of(const ModelView& model) {
  std::string text = model.name + ": " + format_count(model.trajectory.evaluations).c_str() +
                     " evaluations of the field along the trajectory";
  if (!model.trajectory.note.empty()) text += " (" + model.trajectory.note + ")";
  if (model.evaluations_per_step > 0) {
    text += std::string("; a training step takes ") +
            format_count(model.evaluations_per_step).c_str() + " and " +
            format_count(model.products_per_step).c_str() +
            " products with its Jacobian, of the whole batch at once";
    if (model.gradient_bytes > 0)
      text += std::string(", and holds ") + format_bytes(model.gradient_bytes).c_str();
  }
  return text + ".";
}

}  // namespace

void draw_figures_table(const Rect& area, const SessionView& view, ViewState& state,
                        Commands& commands) {
  const Rect body = draw_plot_card(area, state.compact ? "Figures" : "", "figures.png",
                                   Focus::kTable, state, commands);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Palette& colors = palette();
  ImGui::PushFont(fonts().small);
  const float inner = area.width - 28;
  const float first = std::clamp(0.30f * inner, 92.0f, 190.0f);
  constexpr float kNarrowest = 64;
  const bool all = (inner - first) / static_cast<float>(kColumns.size()) >= kNarrowest;
  const std::size_t columns = all ? kColumns.size() : kFewColumns;
  const float width = (inner - first) / static_cast<float>(columns);
  const float header = area.y + (state.compact ? 42.0f : 12.0f);
  const auto right_edge = [&](std::size_t column) {
    return area.x + 14 + first + width * static_cast<float>(column + 1);
  };
  for (std::size_t c = 0; c < columns; ++c) {
    const ImVec2 size = math_text_size(kColumns[c].title);
    const Rect cell{right_edge(c) - size.x, header, size.x, 18};
    draw_math_text(list, cell.min(), colors.muted, kColumns[c].title);
    ImGui::SetCursorScreenPos(cell.min());
    ImGui::PushID(kColumns[c].title);
    ImGui::Dummy(cell.size());
    ImGui::SetItemTooltip("%s", kColumns[c].help);
    ImGui::PopID();
  }
  const float line = std::floor(header + 23) + 0.5f;
  list.AddLine({area.x + 14, line}, {area.right() - 14, line}, colors.grid);
  const float top = line + 6;
  // A phone has no pointer to ask with, but room for a second line.
  const bool second_line = state.compact && !all;
  const float row_height =
      std::min(second_line ? 52.0f : 30.0f,
               (body.bottom() - top - 6) /
                   static_cast<float>(std::max<std::size_t>(1, view.models.size())));
  for (std::size_t m = 0; m < view.models.size(); ++m) {
    const ModelView& model = view.models[m];
    const Rect row{area.x + 14, top + row_height * static_cast<float>(m), inner, row_height};
    const bool two = second_line && row_height >= 40;
    const float y = row.y + 0.5f * (row_height - (two ? 36 : 16));
    ImGui::SetCursorScreenPos(row.min());
    ImGui::PushID(static_cast<int>(m));
    ImGui::Dummy(row.size());
    explain(details_of(model));
    ImGui::PopID();
    const ImU32 hue = series_color(static_cast<int>(m));
    list.AddCircleFilled({area.x + 19, y + 7.5f}, 4, hue);
    draw_fitted_text(list, {area.x + 30, y}, first - 20, colors.ink, model.name);
    if (two) {
      const Label text =
          format_label("NFE %s · memory %s", format_count(model.trajectory.evaluations).c_str(),
                       format_bytes(model.gradient_bytes).c_str());
      draw_fitted_text(list, {area.x + 30, y + 18}, inner - 20, colors.muted, text);
    }
    for (std::size_t c = 0; c < columns; ++c) {
      const Label text = cell_text(model, view, c);
      draw_math_text(list, {right_edge(c) - math_text_size(text).x, y}, colors.ink, text);
    }
  }
  ImGui::PopFont();
}

}  // namespace least_action
