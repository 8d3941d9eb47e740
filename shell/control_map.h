#pragma once

#include <string>

namespace least_action {

/// Where the labelled controls of the last frame are: tests and automation find a button of the
/// canvas by its label as they would find one of a document. Costs nothing while off.
///
/// Answers the hooks that Dear ImGui calls for each item when it is compiled with
/// IMGUI_ENABLE_TEST_ENGINE; call from the thread of the ImGui context.
void enable_control_map(bool enabled);

/// Forgets the controls of the frame before; call between ImGui::NewFrame and the first item.
void begin_control_map();

/// Adds what is drawn and dragged but is no item of ImGui's, such as the portrait's handle.
void mark_control(const char* label, float x, float y, float width, float height);

/// [{"label", "id", "x", "y", "width", "height", "checked", "active", "focused"}, …] in display
/// units, in drawing order; what is clipped away is left out.
std::string control_map_json();

/// `text` as a JSON string, with its quotes.
std::string json_string(const std::string& text);

}  // namespace least_action
