// Dear ImGui's compile-time settings (IMGUI_USER_CONFIG), the same for every target.
#pragma once

#define ImDrawIdx \
  unsigned int  // WebGL2 has no base-vertex draws, and plots pass 65 536 vertices
#define IMGUI_DISABLE_DEMO_WINDOWS
#define IMGUI_DISABLE_DEBUG_TOOLS
#define IMGUI_DISABLE_OBSOLETE_FUNCTIONS
#define IMGUI_DISABLE_DEFAULT_FILE_FUNCTIONS
#define IMGUI_DISABLE_FILE_FUNCTIONS
#define IMGUI_DISABLE_DEFAULT_SHELL_FUNCTIONS
#define IMGUI_ENABLE_TEST_ENGINE  // control_map.h answers its hooks
