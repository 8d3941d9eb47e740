# The page: the app as a WASM module, beside index.html and its scripts. Both builds (one thread,
# two threads) land in one folder that any static server can serve.
set(LEAST_ACTION_SITE ${PROJECT_SOURCE_DIR}/build/site CACHE PATH "Where the finished page goes")
set(variant $<IF:$<BOOL:${LEAST_ACTION_THREADS}>,threads,single>)

add_executable(playground platform.cpp platform_web.cpp platform_state.cpp
  ${imgui_SOURCE_DIR}/backends/imgui_impl_opengl3.cpp)
target_include_directories(playground SYSTEM PRIVATE ${imgui_SOURCE_DIR}/backends)
target_link_libraries(playground PRIVATE least_action_app least_action_flags)
set_target_properties(playground PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${LEAST_ACTION_SITE}/${variant}
  LINK_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/page.cmake)
# No GLFW port: its 3.1.6 listeners take keys from the whole page, know neither pixel ratio nor
# touch nor clipboard. page/input.js listens on the canvas and calls platform_web.cpp instead.
target_link_options(playground PRIVATE
  -sMODULARIZE=1 -sEXPORT_NAME=createPlayground -sENVIRONMENT=web$<$<BOOL:${LEAST_ACTION_THREADS}>:,worker>
  -sMIN_WEBGL_VERSION=2 -sMAX_WEBGL_VERSION=2 -sALLOW_MEMORY_GROWTH=1 -sINITIAL_MEMORY=67108864
  -sFILESYSTEM=0 -sEXPORTED_FUNCTIONS=_malloc,_free -sINVOKE_RUN=0
  $<$<BOOL:${LEAST_ACTION_THREADS}>:-sPTHREAD_POOL_SIZE=2>)

file(GLOB page_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/page/*.js
  ${CMAKE_CURRENT_SOURCE_DIR}/page/*.css)
set(copied ${LEAST_ACTION_SITE}/index.html)
add_custom_command(OUTPUT ${LEAST_ACTION_SITE}/index.html
  COMMAND ${CMAKE_COMMAND} -E copy ${PROJECT_SOURCE_DIR}/index.html ${LEAST_ACTION_SITE}/index.html
  DEPENDS ${PROJECT_SOURCE_DIR}/index.html)
foreach(source IN LISTS page_sources)
  get_filename_component(name ${source} NAME)
  add_custom_command(OUTPUT ${LEAST_ACTION_SITE}/page/${name}
    COMMAND ${CMAKE_COMMAND} -E copy ${source} ${LEAST_ACTION_SITE}/page/${name} DEPENDS ${source})
  list(APPEND copied ${LEAST_ACTION_SITE}/page/${name})
endforeach()
add_custom_target(page ALL DEPENDS ${copied})
