# Release by default: -O2, LTO and the hardening flags that distributions use. Sanitized builds are Debug.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

# Who changes files and builds again wants each for itself; who builds once wants it soon.
if(CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT HALLEY_SANITIZE)
  set(unity OFF)
else()
  set(unity ON)
endif()
option(HALLEY_UNITY "Compile several files as one" ${unity})

option(HALLEY_CCACHE "Build through ccache where it is there" ON)
find_program(CCACHE ccache)
if(HALLEY_CCACHE AND CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  # Precompiled headers are understood only when ccache is told that their date does not matter.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")

add_library(halley_options INTERFACE)
target_include_directories(halley_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
target_compile_options(halley_options INTERFACE
  -fno-plt -fstack-protector-strong $<$<C_COMPILER_ID:GNU>:-Wno-restrict> -fno-semantic-interposition)
target_compile_options(halley_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wconversion -Wshadow>)
if(HALLEY_WERROR)
  target_compile_options(halley_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()
target_link_options(halley_options INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack -pie)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(HALLEY_SANITIZE)
  # Not optimised, and lines only in the debug information: such a build takes a third of the time, and finds the same.
  set(CMAKE_CXX_FLAGS_DEBUG "-g1")
  target_compile_options(halley_options INTERFACE -fsanitize=${HALLEY_SANITIZE} -fno-omit-frame-pointer -O0)
  target_compile_definitions(halley_options INTERFACE _GLIBCXX_ASSERTIONS)
  # Checks at each member access. In tests' own files, whose templates are many, they cost a third of the time to build:
  # there they are off, and on in what is tested.
  target_compile_options(halley_options INTERFACE
    $<$<NOT:$<BOOL:$<TARGET_PROPERTY:HALLEY_PRODUCT>>>:-fno-sanitize=null,vptr,alignment>)
  target_link_options(halley_options INTERFACE -fsanitize=${HALLEY_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(halley_options INTERFACE -D_FORTIFY_SOURCE=2)
  target_compile_definitions(halley_options INTERFACE _GLIBCXX_ASSERTIONS)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()

# One static library of the *.cpp files of one or more rooms (folders, relative to the one that calls; "." is itself):
# halley_library(name ROOMS a b ... LIBRARIES x y ...).
function(halley_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "ROOMS;LIBRARIES")
  set(sources "")
  foreach(room IN LISTS arg_ROOMS)
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${room}/*.cpp)
    if(NOT found)
      message(FATAL_ERROR "the room ${CMAKE_CURRENT_SOURCE_DIR}/${room} of ${name} is empty")
    endif()
    list(APPEND sources ${found})
  endforeach()
  list(FILTER sources EXCLUDE REGEX "/(main|assembly)\\.cpp$") # the program itself
  add_library(${name} STATIC ${sources})
  set_target_properties(${name} PROPERTIES HALLEY_PRODUCT ON)
  target_link_libraries(${name} PUBLIC halley_options ${arg_LIBRARIES})
  target_link_libraries(${name} PRIVATE PkgConfig::fmt)
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
  target_precompile_headers(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${PROJECT_SOURCE_DIR}/cmake/precompiled.h>)
  if(HALLEY_UNITY)
    # Several files as one: they share what they instantiate, and the build takes half as long. So names in unnamed
    # namespaces of one library differ.
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10)
    target_compile_options(${name} PRIVATE -Wno-subobject-linkage)  # a file is taken for a header
  endif()
endfunction()
