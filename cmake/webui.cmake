# halley_add_webui(name): a static library that carries webui/dist and defines gateway/http/embedded_assets.h.
#
# With HALLEY_WEBUI=ON the page is built by npm when one of its sources is newer than what is there, or taken as it is from
# HALLEY_WEBUI_DIST; OFF: a page of a few lines that says how to build it.
get_filename_component(HALLEY_ROOT ${CMAKE_CURRENT_LIST_DIR}/.. ABSOLUTE)

function(halley_add_webui name)
  if(NOT HALLEY_WEBUI)
    add_library(${name} STATIC ${HALLEY_ROOT}/gateway/builtin/page.cpp)
    target_link_libraries(${name} PUBLIC halley_options)
    return()
  endif()
  if(HALLEY_WEBUI_DIST AND NOT EXISTS ${HALLEY_WEBUI_DIST}/manifest.list)
    message(FATAL_ERROR "HALLEY_WEBUI_DIST: ${HALLEY_WEBUI_DIST} has no manifest.list, so it is no built page")
  endif()
  find_program(NPM npm)
  set(webui ${HALLEY_ROOT}/webui)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/webui)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${webui}/src/* ${webui}/public/*)
  list(APPEND sources ${webui}/build.mjs ${webui}/package.json ${webui}/package-lock.json ${webui}/tsconfig.json)
  set(script ${HALLEY_ROOT}/cmake/build_webui.cmake)
  # The script reads the list from a file: a command line has an end.
  file(GENERATE OUTPUT ${out}/sources.list CONTENT "$<JOIN:${sources},\n>\n")
  add_custom_command(
    OUTPUT ${out}/assets.c ${out}/assets.cpp
    COMMAND ${CMAKE_COMMAND} -D NPM=${NPM} -D WEBUI=${webui} -D DIST=${HALLEY_WEBUI_DIST} -D OUT=${out} -P ${script}
    DEPENDS ${sources} ${script}
    COMMENT "Building the browser page"
    VERBATIM)
  add_library(${name} STATIC ${out}/assets.cpp ${out}/assets.c)
  target_link_libraries(${name} PUBLIC halley_options)
  # The bytes come by the assembler, past which no optimiser looks: without this it would drop them.
  set_target_properties(${name} PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
endfunction()
