#include <exception>
#include <type_traits>
#include <utility>

#include "playground.h"

namespace least_action {
namespace {

HostRequest download(const char* name, const char* type, std::string bytes) {
  HostRequest request{
      .kind = HostRequest::Kind::kDownload, .name = name, .type = type, .bytes = {}};
  request.bytes = std::move(bytes);
  return request;
}

HostRequest file_of(const Session& session, ExportFile::Kind kind) {
  switch (kind) {
    case ExportFile::Kind::kDataset:
      return download("dataset.csv", "text/csv", session.dataset_csv());
    case ExportFile::Kind::kHistory:
      return download("history.csv", "text/csv", session.history_csv());
    case ExportFile::Kind::kRun:
      break;
  }
  return download("least-action.run", "application/octet-stream", session.save());
}

}  // namespace

void App::Implementation::carry_out() {
  if (!commands.empty()) settle_frames = 3;
  // Commands of one frame do not issue others.
  const Commands now = std::exchange(commands, {});
  for (const Command& command : now) {
    try {
      carry_out(command);
    } catch (const std::exception& error) {
      say(reason(error), true);
    }
  }
}

void App::Implementation::set_pinned(const std::vector<std::vector<double>>& starts) {
  session.set_pinned(starts);
  state.draft.pinned = session.config().pinned;
  ++edits;
}

void App::Implementation::pin(const std::vector<double>& start) {
  std::vector<std::vector<double>> starts = session.config().pinned;
  if (starts.size() >= kMaxPinned) {
    say("At most " + std::to_string(kMaxPinned) + " starts can be pinned; clear them first.",
        true);
    return;
  }
  starts.push_back(start);
  set_pinned(starts);
}

void App::Implementation::carry_out(const Command& command) {
  if (Workspace* const shown = workspace.shown(); shown && carry_out(command, *shown)) return;
  const auto apply_draft = [this](const ApplyDraft& c) {
    const std::string system = session.config().system;
    const bool was_running = running;
    const ConfigureReport report = session.configure(state.draft);
    if (!report.faults.empty()) {
      state.fault_key = c.key;
      state.fault = report.faults.front();
      say(state.fault, true);  // for those who do not see it beside the control
      return;
    }
    adopt_config(session.config().system == system);
    if (report.restarted && was_running) set_running(true);
  };
  const auto load_preset = [this](const LoadPreset& c) {
    if (c.index >= presets().size()) return;
    const ParsedConfig parsed = parse_config(presets()[c.index].query);
    if (!configure(parsed.config, parsed.faults)) return;
    session.reset();
    adopt_config(false);
    set_running(true);
  };
  const auto start_anew = [this] {
    if (!configure(SessionConfig{}, {})) return;
    session.reset();
    adopt_config(false);
    start_over = true;
    set_running(true);
    say("The first experiment again.", false);
  };

  std::visit(
      [&](const auto& c) {
        using T = std::decay_t<decltype(c)>;
        if constexpr (std::is_same_v<T, SetTraining>) {
          set_running(c.running);
        } else if constexpr (std::is_same_v<T, StepTraining>) {
          set_running(false);
          session.advance(c.steps);
          ++edits;
        } else if constexpr (std::is_same_v<T, ResetTraining>) {
          const bool run = running;
          session.reset();
          ++edits;
          set_running(run);
        } else if constexpr (std::is_same_v<T, StartOver>) {
          start_anew();
        } else if constexpr (std::is_same_v<T, ApplyDraft>) {
          apply_draft(c);
        } else if constexpr (std::is_same_v<T, LoadPreset>) {
          load_preset(c);
        } else if constexpr (std::is_same_v<T, SetInitialState>) {
          session.set_initial_state(c.state);
          state.draft.initial_state = session.config().initial_state;
          ++edits;
        } else if constexpr (std::is_same_v<T, PinStart>) {
          pin(c.state);
        } else if constexpr (std::is_same_v<T, ClearPins>) {
          set_pinned({});
        } else if constexpr (std::is_same_v<T, ExportFile>) {
          requests.push_back(file_of(session, c.kind));
        } else if constexpr (std::is_same_v<T, ImportFile>) {
          std::string types = ".run";
          for (const WorkspaceEntry& entry : workspace.entries())
            if (!entry.file_extension.empty()) types += ',' + entry.file_extension;
          requests.push_back({.kind = HostRequest::Kind::kOpenFile,
                              .name = {},
                              .type = std::move(types),
                              .bytes = {}});
        } else if constexpr (std::is_same_v<T, CopyLink>) {
          const std::string link = workspace.shown() != nullptr ? workspace.shown()->query()
                                                                : to_query(session.config());
          requests.push_back({.kind = HostRequest::Kind::kCopyLink,
                              .name = {},
                              .type = {},
                              .bytes = workspace_link(workspace.entry(), link)});
          say("The link to this experiment is copied.", false);
        } else if constexpr (std::is_same_v<T, CapturePlot>) {
          captures.push_back(c);
        } else if constexpr (std::is_same_v<T, SetDark>) {
          state.dark = c.dark;
        } else if constexpr (std::is_same_v<T, ShowWorkspace>) {
          show_workspace(c.index);
        } else if constexpr (std::is_same_v<T, ShowMessage>) {
          say(c.sentence, c.is_fault);
        }
      },
      command);
}

}  // namespace least_action
