#include "plots/phase_portrait.h"

#include <algorithm>
#include <cmath>

#include "panels/controls.h"
#include "panels/portrait_toolbar.h"
#include "plots/plot_card.h"
#include "plots/trajectory_curve.h"
#include "text.h"
#include "theme.h"

namespace least_action {
namespace {

Label axis_label(const SessionView& view, Index component) {
  const auto k = static_cast<std::size_t>(component);
  if (k >= view.coordinate_symbols.size()) return {};
  const std::string& unit = view.coordinate_units[k];
  if (unit.empty()) return format_label("%s", view.coordinate_symbols[k].c_str());
  return format_label("%s [%s]", view.coordinate_symbols[k].c_str(), unit.c_str());
}

Ticks axis_ticks(const SessionView& view, Index component, Range range, int target) {
  const auto k = static_cast<std::size_t>(component);
  const bool periodic = k < view.coordinate_periodic.size() && view.coordinate_periodic[k];
  return periodic ? pi_ticks(range, target) : linear_ticks(range, target);
}

}  // namespace

void fit_portrait(PortraitView& portrait, const SessionView& view, ImVec2 size) {
  const auto dimension = static_cast<Index>(view.coordinate_extent.size());
  if (dimension == 0) return;
  if (std::max(portrait.x_component, portrait.y_component) >= dimension) {
    portrait.x_component = 0;
    portrait.y_component = dimension / 2;
    portrait.fitted = false;
  }
  if (portrait.fitted) return;
  constexpr double kAir = 1.2;
  const auto xc = static_cast<std::size_t>(portrait.x_component);
  const auto yc = static_cast<std::size_t>(portrait.y_component);
  double x = kAir * view.coordinate_extent[xc], y = kAir * view.coordinate_extent[yc];
  if (portrait.is_configuration(dimension / 2) && !view.coordinate_periodic[xc] &&
      !view.coordinate_periodic[yc] && size.x > 0 && size.y > 0) {
    const double scale =
        std::max(x / static_cast<double>(size.x), y / static_cast<double>(size.y));
    x = scale * static_cast<double>(size.x);
    y = scale * static_cast<double>(size.y);
  }
  portrait.x_min = -x, portrait.x_max = x, portrait.y_min = -y, portrait.y_max = y;
  portrait.fitted = true;
  portrait.moved = false;
}

void PhasePortrait::update_base(const Session& session) {
  const std::vector<double>& initial = session.config().initial_state;
  if (!initial.empty()) {
    base_ = initial;
    return;
  }
  const TrajectoryView& truth = session.view().truth;
  base_.resize(static_cast<std::size_t>(session.system().dimension()));
  Eigen::Map<Vector> base(base_.data(), static_cast<Index>(base_.size()));
  if (truth.states.cols() > 0 && truth.states.rows() == base.size()) {
    base = truth.states.col(0);
  } else {
    session.system().typical_state(base);
  }
}

void PhasePortrait::draw(const Rect& area, const Session& session, ViewState& state,
                         const FrameInput& input, Commands& commands) {
  const SessionView& view = session.view();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Palette& colors = palette();
  update_base(session);
  const float camera = state.compact ? 40.0f : 34.0f;
  const float title = portrait_toolbar_width(view) + 130 + camera < area.width ? 126.0f : 0.0f;
  const Rect body = draw_plot_card(area, title > 0 && !state.compact ? "Phase portrait" : "",
                                   "phase-portrait.png", Focus::kPortrait, state, commands);
  const float left = state.compact ? 40.0f : 54.0f, bottom = state.compact ? 24.0f : 30.0f;
  const Rect plot{area.x + left, body.y + 8, area.width - left - 14, body.height - 8 - bottom};
  const float indent = state.compact ? 8.0f : 10.0f + title;
  draw_portrait_toolbar({area.x + indent, area.y + 4, area.width - indent - camera,
                         state.compact ? 34.0f : 28.0f},
                        session, state);
  if (plot.width < 20 || plot.height < 20) return;
  const bool resized = fitted_size_.x != plot.width || fitted_size_.y != plot.height;
  if (resized && !state.portrait.moved) state.portrait.fitted = false;
  fitted_size_ = plot.size();
  fit_portrait(state.portrait, view, plot.size());
  const PortraitView portrait = state.portrait;
  const PlotArea plane(plot, {portrait.x_min, portrait.x_max},
                       {portrait.y_min, portrait.y_max});
  draw_axes(list, plane,
            axis_ticks(view, portrait.x_component, plane.x_range(),
                       static_cast<int>(plot.width / 70) + 1),
            axis_ticks(view, portrait.y_component, plane.y_range(),
                       static_cast<int>(plot.height / 55) + 1),
            axis_label(view, portrait.x_component));

  const Index xc = portrait.x_component, yc = portrait.y_component;
  const double hx =
      nearest_image(view, xc, base_[static_cast<std::size_t>(xc)], plane.x_range());
  const double hy =
      nearest_image(view, yc, base_[static_cast<std::size_t>(yc)], plane.y_range());
  const PortraitGesture gesture = gestures_.read(plane, plane.point(hx, hy), state, input);
  if (gesture.moved_handle) {
    SetInitialState command{base_};
    command.state[static_cast<std::size_t>(xc)] = gesture.handle_x;
    command.state[static_cast<std::size_t>(yc)] = gesture.handle_y;
    commands.push_back(std::move(command));
  }
  if (gesture.pins && !portrait.section) {
    PinStart command{base_};
    command.state[static_cast<std::size_t>(xc)] = gesture.pin_x;
    command.state[static_cast<std::size_t>(yc)] = gesture.pin_y;
    commands.push_back(std::move(command));
  }

  list.PushClipRect(plot.min(), plot.max(), true);
  if (portrait.section) {
    const double energy = view.truth.energy.size() > 0 ? view.truth.energy[0] : 0;
    section_.update(session, state, view.training, energy);
    section_.draw(list, plane, state);
    Range x, y;
    if (!state.portrait.moved && section_.bounds(x, y)) {
      constexpr double kAir = 0.12;
      state.portrait.x_min = x.lo - kAir * x.span(),
      state.portrait.x_max = x.hi + kAir * x.span();
      state.portrait.y_min = y.lo - kAir * y.span(),
      state.portrait.y_max = y.hi + kAir * y.span();
    }
  } else {
    flow_is_shown_ = !portrait.is_configuration(session.system().degrees_of_freedom());
    cache_.update(session, state, plane, base_, state.now);
    draw_fields(list, plane, state);
    if (state.layers.data) draw_data(list, plane, view, state);
    draw_pinned(list, plane, view, state);
    draw_trajectories(list, plane, view, state);
    draw_handle(list, plane.point(hx, hy), gesture);
  }
  if (state.layers.split) {
    const float x = std::floor(plot.x + state.layers.split_position * plot.width) + 0.5f;
    list.AddLine({x, plot.y}, {x, plot.bottom()},
                 gesture.hovers_divider ? colors.ink : colors.muted, 1.5f);
    ImGui::PushFont(fonts().small);
    const char* model =
        state.shown_model < static_cast<int>(view.models.size())
            ? view.models[static_cast<std::size_t>(state.shown_model)].name.c_str()
            : "";
    const float width = math_text_size("Truth").x, model_width = math_text_size(model).x;
    list.AddRectFilled({x - width - 14, plot.y + 2}, {x + model_width + 14, plot.y + 22},
                       with_alpha(colors.surface, 0.9f), 6);
    draw_math_text(list, {x - 7 - width, plot.y + 5}, colors.ink, "Truth");
    draw_math_text(list, {x + 7, plot.y + 5}, series_color(state.shown_model), model);
    ImGui::PopFont();
  }
  list.PopClipRect();
  draw_corner_label(list, plot, axis_label(view, portrait.y_component));
  if (view.pinned.empty() || portrait.section || state.capturing) return;
  const char* clear = "Clear pinned starts";
  const float width = chip_width(clear, false), height = state.compact ? 34.0f : 26.0f;
  if (chip(clear, {plot.right() - width - 6, plot.bottom() - height - 6, width, height}, true))
    commands.push_back(ClearPins{});
}

void PhasePortrait::draw_pinned(ImDrawList& list, const PlotArea& area, const SessionView& view,
                                const ViewState& state) const {
  const Index xc = state.portrait.x_component, yc = state.portrait.y_component;
  const auto draw_one = [&](const TrajectoryView& trajectory, int series) {
    const CurveStyle style = series < 0 ? CurveStyle{series_color(series), 3.2f, 0.22f}
                                        : CurveStyle{series_color(series), 1.2f, 0.5f};
    draw_trajectory(list, area, view, trajectory, xc, yc, state.playback.time,
                    0.5 * view.period, style);
  };
  for (const PinnedView& pinned : view.pinned) {
    if (state.is_visible(-1)) draw_one(pinned.truth, -1);
    for (int series = static_cast<int>(pinned.models.size()); series-- > 0;) {
      if (state.is_visible(series))
        draw_one(pinned.models[static_cast<std::size_t>(series)], series);
    }
    if (pinned.truth.states.cols() < 1) continue;
    const auto start = pinned.truth.states.col(0);
    const ImVec2 at = area.point(nearest_image(view, xc, start[xc], area.x_range()),
                                 nearest_image(view, yc, start[yc], area.y_range()));
    list.AddCircleFilled(at, 4.5f, palette().surface);
    list.AddCircle(at, 4.5f, palette().ink, 0, 1.5f);
  }
}

void PhasePortrait::draw_field(ImDrawList& list, const PlotArea& area, const ViewState& state,
                               int series) const {
  const PortraitCache::Field* field = cache_.field(series);
  if (field == nullptr) return;
  const Palette& colors = palette();
  const bool truth = series < 0;
  const ImU32 hue = series_color(series);
  const Layers& layers = state.layers;
  if (truth ? layers.true_energy : layers.learned_energy) {
    draw_polylines(list, area, field->levels, mix(colors.surface, hue, truth ? 0.16f : 0.45f),
                   truth ? 3.2f : 1.1f);
  }
  if (!flow_is_shown_ || (!(truth ? layers.true_flow : layers.learned_flow) && !layers.split))
    return;
  const ImU32 color = mix(colors.surface, hue, truth ? 0.34f : 0.55f);
  if (layers.flow == FlowStyle::kStreamlines) {
    draw_polylines(list, area, field->streamlines, color, 1.1f);
    draw_streamline_heads(list, area, field->streamlines, color, 6.5f);
  } else if (layers.flow == FlowStyle::kArrows) {
    const PortraitCache::Field* reference = cache_.field(-1);
    const double speed =
        reference != nullptr ? reference->reference_speed : field->reference_speed;
    draw_flow_arrows(list, area, field->flow, speed, state.compact ? 27.0f : 32.0f, color,
                     1.2f);
  }
}

void PhasePortrait::draw_fields(ImDrawList& list, const PlotArea& area,
                                const ViewState& state) const {
  if (!state.layers.split) {
    draw_field(list, area, state, -1);
    draw_field(list, area, state, state.shown_model);
    return;
  }
  const Rect& r = area.rect();
  const float divider = r.x + state.layers.split_position * r.width;
  list.PushClipRect(r.min(), {divider, r.bottom()}, true);
  draw_field(list, area, state, -1);
  list.PopClipRect();
  list.PushClipRect({divider, r.y}, r.max(), true);
  draw_field(list, area, state, state.shown_model);
  list.PopClipRect();
}

void PhasePortrait::draw_data(ImDrawList& list, const PlotArea& area, const SessionView& view,
                              const ViewState& state) const {
  const Index xc = state.portrait.x_component, yc = state.portrait.y_component;
  const Matrix& points = view.train_points;
  if (std::max(xc, yc) >= points.rows()) return;
  constexpr Index kMost = 3000;
  const Index stride = std::max<Index>(1, points.cols() / kMost);
  const ImU32 color = mix(palette().surface, palette().faint, 0.85f);
  for (Index k = 0; k < points.cols(); k += stride) {
    const ImVec2 p = area.point(nearest_image(view, xc, points(xc, k), area.x_range()),
                                nearest_image(view, yc, points(yc, k), area.y_range()));
    if (!area.rect().contains(p)) continue;
    list.AddRectFilled({p.x - 1, p.y - 1}, {p.x + 1, p.y + 1}, color);
  }
}

void PhasePortrait::draw_trajectories(ImDrawList& list, const PlotArea& area,
                                      const SessionView& view, const ViewState& state) const {
  const Index xc = state.portrait.x_component, yc = state.portrait.y_component;
  const double trail = 0.8 * view.period;
  const auto trajectory = [&](int series) -> const TrajectoryView& {
    return series < 0 ? view.truth : view.models[static_cast<std::size_t>(series)].trajectory;
  };
  const int count = static_cast<int>(view.models.size());
  // The truth is a wide quiet ribbon underneath; models are drawn finer upon it, the first on
  // top.
  const auto each_from_below = [count, &state](auto draw_one) {
    if (state.is_visible(-1)) draw_one(-1);
    for (int series = count - 1; series >= 0; --series) {
      if (state.is_visible(series)) draw_one(series);
    }
  };
  each_from_below([&](int series) {
    // Projected motion of several degrees of freedom crosses itself: lighter, to see through.
    const bool plane = view.coordinate_symbols.size() == 2;
    const CurveStyle style =
        series < 0
            ? CurveStyle{series_color(series), plane ? 4.6f : 3.2f, plane ? 0.34f : 0.24f}
            : CurveStyle{series_color(series), 1.5f, plane ? 0.6f : 0.5f};
    draw_trajectory(list, area, view, trajectory(series), xc, yc, state.playback.time, trail,
                    style);
  });
  each_from_below([&](int series) {
    double x, y;
    if (!state_at(view, trajectory(series), xc, state.playback.time, x) ||
        !state_at(view, trajectory(series), yc, state.playback.time, y)) {
      return;
    }
    const ImVec2 p = area.point(nearest_image(view, xc, x, area.x_range()),
                                nearest_image(view, yc, y, area.y_range()));
    list.AddCircleFilled(p, series < 0 ? 7.5f : 6.0f, palette().surface);
    list.AddCircleFilled(p, series < 0 ? 5.8f : 4.4f, series_color(series));
  });
}

void PhasePortrait::draw_handle(ImDrawList& list, ImVec2 at,
                                const PortraitGesture& gesture) const {
  const Palette& colors = palette();
  const bool strong = gesture.hovers_handle || gesture.drags_handle;
  const float radius = strong ? 11.0f : 9.0f;
  list.AddCircleFilled(at, radius, with_alpha(colors.surface, 0.75f));
  list.AddCircle(at, radius, colors.ink, 0, 1.8f);
  list.AddLine({at.x - 4, at.y}, {at.x + 4, at.y}, colors.ink, 1.4f);
  list.AddLine({at.x, at.y - 4}, {at.x, at.y + 4}, colors.ink, 1.4f);
  if (strong) {
    ImGui::PushFont(fonts().small);
    draw_math_text(list, {at.x + 15, at.y - 7}, colors.ink, "x₀");
    ImGui::PopFont();
  }
}

}  // namespace least_action
