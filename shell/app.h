#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace least_action {

struct SessionView;
struct WorkspaceEntry;

/// Something only the host (a browser page, a desktop window) can do.
struct HostRequest {
  enum class Kind {
    kCopyText,  ///< Put `bytes` (UTF-8) on the clipboard.
    kCopyLink,  ///< Put the address of this experiment on the clipboard: the page's own with
                ///< `bytes` (a query, may be empty) as its fragment.
    kDownload,  ///< Offer `bytes` as a file called `name` of media type `type`.
    kOpenFile,  ///< Ask for a file (extensions in `type`, ".run,.flow"); answer with
                ///< `import_file`.
    kCapture    ///< Offer the rectangle of the frame just rendered as a PNG called `name`.
  };
  Kind kind;
  std::string name, type, bytes;
  /// kCapture: in display units (logical pixels), origin top left; multiply by the pixel ratio
  /// and clip to the framebuffer.
  float x = 0, y = 0, width = 0, height = 0;
};

/// What a host knows beyond ImGui's own input.
struct FrameInput {
  float pixel_ratio = 1;  ///< Framebuffer pixels per display unit.
  bool touch = false;     ///< The pointer is a finger: nothing hovers, targets are larger.
  /// Two fingers since the last frame: distance ratio (> 1 apart), centre and its movement in
  /// display units. A host that reports a pinch keeps the mouse button released meanwhile.
  float pinch_scale = 1, pinch_x = 0, pinch_y = 0, pinch_dx = 0, pinch_dy = 0;
  bool pinching = false;
  /// Soft-keyboard or notch margins to keep free, in display units.
  float inset_top = 0, inset_bottom = 0;
};

/// How an app begins.
struct AppOptions {
  std::string query;  ///< A link's settings ("" or "#" for the default experiment).
  bool dark = true;
  bool background = true;  ///< Train on a thread where this build and host have threads.
  bool autostart = true;   ///< Begin training at once.
  /// What the page can be about; null: `workspaces()` of workspace.h. Must outlive the app.
  const std::vector<WorkspaceEntry>* workspaces = nullptr;
};

/// The playground: one ImGui frame that fills the display, whatever the host. It owns the
/// experiment (a Session), draws it and turns input into commands; it neither knows nor needs a
/// window system. Beside mechanics the page has further workspaces (workspace.h), of which one
/// is shown; runs that are saved and restored are those of mechanics. Call everything from the
/// thread of the ImGui context.
///
/// A host does, for each frame:
///
///   ImGui_Impl…_NewFrame(); ImGui::NewFrame();
///   app.frame(seconds, input);
///   ImGui::Render(); ImGui_Impl…_RenderDrawData(ImGui::GetDrawData());
///   for (const HostRequest& request : app.take_requests()) …   // a capture reads this frame
///
/// and skips frames while `needs_frame()` is false and no input came (draw a few frames after
/// the last input, so that hover and focus settle).
class App final {
 public:
  /// Needs an ImGui context; fonts may come later (`build_fonts` in text.h, or any ImGui font).
  explicit App(const AppOptions& options = {});
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  /// Draws one frame between ImGui::NewFrame and ImGui::Render, after advancing the experiment:
  /// `now_seconds` grows monotonically, its origin does not matter.
  void frame(double now_seconds, const FrameInput& input = {});

  /// True while something moves by itself: training, animation, work in progress, a message
  /// about to fade. False: the picture stays as it is until there is input.
  bool needs_frame() const;
  /// Display hidden (a background tab): training goes on only where it has a thread.
  void set_visible(bool visible);

  /// Requests since the last call, in order.
  std::vector<HostRequest> take_requests();

  /// The settings of the workspace on show as a link's query ("workspace=flow&…", without a
  /// name for mechanics): empty for the default experiment.
  /// Changes only when the experiment does; put it in the address bar when it differs.
  std::string query() const;
  /// The settings of the run that `save` gives, whichever workspace is shown.
  std::string run_query() const;
  /// A link was opened (`#…` changed): shows that experiment, with a message where the text is
  /// malformed. Never throws.
  void load_query(std::string_view query);

  /// The whole run as a file ("least-action.run"), to save before leaving.
  std::string save() const;
  /// Grows when `save` would give something new (settings changed, training advanced): a host
  /// that autosaves compares it with that of its last save.
  std::uint64_t save_version() const;
  /// Restores an autosaved run; false, changing nothing, where the bytes cannot be read.
  bool restore(std::string_view bytes);
  /// True once after the user asked to start over: the host discards its autosave.
  bool take_start_over();
  /// A file that the user chose or dropped: loads it, or says in the status line why not.
  void import_file(std::string_view name, std::string_view bytes);

  /// The state in words, for screen readers; changes at most a few times a second.
  const std::string& summary() const;
  /// Shows a sentence in the status line (a host's own trouble: storage full, no threads, …).
  void show_message(std::string_view sentence, bool is_fault = false);
  /// The last such sentence, also after it faded: a page announces it.
  const std::string& message() const;

  void set_dark(bool dark);
  bool is_dark() const;  ///< The user may change it; the page around follows.
  /// Background of the theme as 0xRRGGBB, to clear the framebuffer with.
  std::uint32_t background_color() const;

  /// True while a text field has the keyboard: the page's own shortcuts stay off.
  bool wants_text_input() const;
  bool is_training() const;
  /// Name of the workspace on show ("mechanics"), and its own figures as JSON.
  const std::string& workspace() const;
  std::string workspace_json() const;
  /// What is shown, for automation and tests (the host serialises it; nothing else needs it).
  const SessionView& view() const;

  struct Implementation;

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace least_action
