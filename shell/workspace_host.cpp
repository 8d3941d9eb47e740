// What the app does with the workspaces other than mechanics.
#include <algorithm>
#include <exception>
#include <stdexcept>
#include <variant>

#include "playground.h"

namespace least_action {
namespace {

// What training may take of a frame, as for mechanics without a thread.
constexpr double kSliceMilliseconds = 10, kLongestSliceMilliseconds = 50, kSliceShare = 0.3;

/// Training that failed must not fail again with every frame.
void pause_after_failure(Workspace& shown) {
  try {
    shown.pause();
  } catch (const std::exception&) {
    // Why it failed is said already.
  }
}

}  // namespace

TrainingProgress App::Implementation::progress() const {
  if (const Workspace* const shown = workspace.shown()) return shown->progress();
  const SessionView& view = session.view();
  TrainingProgress training{
      .running = running, .finished = view.finished, .background = view.background};
  for (const ModelView& model : view.models) {
    training.step = std::max(training.step, model.step);
    training.steps_per_second = std::max(training.steps_per_second, model.steps_per_second);
  }
  return training;
}

void App::Implementation::poll_workspace(Workspace& shown, double dt) {
  try {
    shown.poll(
        std::clamp(kSliceShare * 1000 * dt, kSliceMilliseconds, kLongestSliceMilliseconds));
  } catch (const std::exception& error) {
    say(reason(error), true);
    pause_after_failure(shown);
  }
  const TrainingProgress training = shown.progress();
  if (workspace_was_running && !training.running && training.finished)
    say("Training is finished.", false);
  workspace_was_running = training.running;
}

void App::Implementation::show_workspace(std::size_t index) {
  if (index == workspace.index()) return;
  const bool fresh = index < workspace.entries().size() && !workspace.has_made(index);
  workspace.show(index);
  settle_frames = 3;
  workspace_was_running = false;
  if (Workspace* const shown = workspace.shown()) {
    // Mechanics waits; `train` wakes it when it is shown again.
    if (session.view().training) session.pause();
    if (fresh && autostart) shown->start();
  }
}

void App::Implementation::load_query(std::string_view query) {
  try {
    const WorkspaceLink link = read_workspace_link(query, workspace.entries());
    show_workspace(link.index);
    if (Workspace* const shown = workspace.shown()) {
      settle_frames = 3;
      const std::vector<std::string> faults = shown->load_query(link.query);
      if (!faults.empty()) say("Part of the link could not be read: " + faults.front(), true);
      return;
    }
    ParsedConfig parsed = parse_config(link.query);
    if (!link.fault.empty()) parsed.faults.insert(parsed.faults.begin(), link.fault);
    if (configure(parsed.config, parsed.faults)) adopt_config(false);
  } catch (const std::exception& error) {
    say(reason(error), true);
  }
}

void App::Implementation::import_file(std::string_view name, std::string_view bytes) {
  const std::vector<WorkspaceEntry>& entries = workspace.entries();
  const auto reader =
      std::find_if(entries.begin(), entries.end(), [&](const WorkspaceEntry& entry) {
        return !entry.file_magic.empty() &&
               bytes.substr(0, entry.file_magic.size()) == entry.file_magic;
      });
  const std::size_t before = workspace.index();
  const std::string file(name);
  try {
    if (reader == entries.end()) {
      session.load(bytes);
      show_workspace(0);
      set_running(false);
      adopt_config(false);
    } else {
      show_workspace(static_cast<std::size_t>(reader - entries.begin()));
      Workspace* const shown = workspace.shown();
      if (shown == nullptr || !shown->import_file(bytes))
        throw std::invalid_argument("It is of no kind that this page reads.");
      settle_frames = 3;
    }
    say(file + " is open, paused where it was saved.", false);
  } catch (const std::exception& error) {
    workspace.show(before);
    say(file + " was not opened. " + reason(error), true);
  }
}

void App::Implementation::start_over_workspace(Workspace& shown) {
  shown.pause();
  shown.load_query("");
  shown.reset();
  shown.start();
  say("The first experiment again.", false);
}

bool App::Implementation::carry_out(const Command& command, Workspace& shown) {
  const auto is_kind = [&](auto kind) {
    return std::holds_alternative<decltype(kind)>(command);
  };
  if (is_kind(SetTraining{})) {
    std::get<SetTraining>(command).running ? shown.start() : shown.pause();
  } else if (is_kind(StepTraining{})) {
    shown.pause();
    for (Index k = 0; k < std::get<StepTraining>(command).steps; ++k) shown.step();
  } else if (is_kind(ResetTraining{})) {
    const bool was_running = shown.progress().running;
    shown.reset();
    if (was_running) shown.start();
  } else if (is_kind(StartOver{})) {
    start_over_workspace(shown);
  } else if (is_kind(ExportFromWorkspace{})) {
    ExportedFile file = shown.export_file(std::get<ExportFromWorkspace>(command).index);
    requests.push_back({.kind = HostRequest::Kind::kDownload,
                        .name = std::move(file.name),
                        .type = std::move(file.type),
                        .bytes = std::move(file.bytes)});
  } else {
    return false;
  }
  return true;
}

}  // namespace least_action
