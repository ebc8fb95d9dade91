# cmake -D NPM=npm -D WEBUI=webui -D DIST=folder -D OUT=folder -P build_webui.cmake
# Builds the page where it is out of date, unless DIST has it ready-made, copies it to OUT/files, and writes OUT/assets.c (its bytes) and OUT/assets.cpp (a
# table of them).
cmake_minimum_required(VERSION 3.25)

function(npm)
  if(NOT NPM)
    message(FATAL_ERROR "npm is needed to build the page: install Node.js 18 or newer with npm (script/bootstrap does), "
                        "or configure with -DHALLEY_WEBUI=OFF")
  endif()
  execute_process(COMMAND ${NPM} ${ARGN} WORKING_DIRECTORY ${WEBUI} RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " words)
    message(FATAL_ERROR "npm ${words} failed in ${WEBUI} (${result}):\n${said}")
  endif()
endfunction()

if(DIST)
  set(manifest ${DIST}/manifest.list)
else()
  # Two build folders share one webui folder: one at a time.
  string(SHA256 name ${WEBUI})
  string(SUBSTRING ${name} 0 16 name)
  set(temporary /tmp)
  if(DEFINED ENV{TMPDIR})
    set(temporary $ENV{TMPDIR})
  endif()
  file(LOCK ${temporary}/halley-webui-${name}.lock GUARD PROCESS TIMEOUT 600)

  if(${WEBUI}/package-lock.json IS_NEWER_THAN ${WEBUI}/node_modules/.package-lock.json)
    npm(ci --no-audit --no-fund --loglevel=error)
    file(TOUCH ${WEBUI}/node_modules/.package-lock.json)
  endif()

  set(manifest ${WEBUI}/dist/manifest.list)
  file(STRINGS ${OUT}/sources.list sources)
  set(stale FALSE)
  foreach(source IN LISTS sources)
    if(${source} IS_NEWER_THAN ${manifest})
      set(stale TRUE)
    endif()
  endforeach()
  if(stale)
    npm(run build --silent)
  endif()
  set(DIST ${WEBUI}/dist)
endif()

# A copy of our own: the next build may clear dist while the assembler reads.
file(REMOVE_RECURSE ${OUT}/files)
file(COPY ${DIST}/ DESTINATION ${OUT}/files)

set(bytes "")
set(declarations "")
set(table "")
set(count 0)

# Appends one file to `bytes` and its declaration; `view` becomes the C++ expression of its content.
macro(embed file view)
  string(APPEND bytes "FILE_AS(halley_file_${count}, \"${file}\")\n")
  string(APPEND declarations "extern const char halley_file_${count}[];\nextern const char halley_file_${count}_end[];\n")
  set(${view} "view(halley_file_${count}, halley_file_${count}_end)")
  math(EXPR count "${count} + 1")
endmacro()

file(STRINGS ${OUT}/files/manifest.list lines)
foreach(line IN LISTS lines)
  if(NOT line MATCHES "^(/[^\t\"\\]*)\t([^\t\"\\]+)\t([^\t\"\\]+)\t(immutable|revalidate)$")
    message(FATAL_ERROR "${manifest}: this line is not URLPATH, FILE, MIME and immutable or revalidate: ${line}")
  endif()
  set(path ${CMAKE_MATCH_1})
  set(file ${OUT}/files/${CMAKE_MATCH_2})
  set(type "${CMAKE_MATCH_3}")
  set(immutable false)
  if(CMAKE_MATCH_4 STREQUAL "immutable")
    set(immutable true)
  endif()
  file(SHA256 ${file} tag)
  string(SUBSTRING ${tag} 0 16 tag)
  embed(${file} plain)
  set(brotli "{}")
  set(gzip "{}")
  if(EXISTS ${file}.br)
    embed(${file}.br brotli)
  endif()
  if(EXISTS ${file}.gz)
    embed(${file}.gz gzip)
  endif()
  string(APPEND table "      {\"${path}\", \"${type}\", \"${tag}\", ${immutable},\n"
                      "       ${plain},\n       ${brotli},\n       ${gzip}},\n")
endforeach()
if(table STREQUAL "")
  message(FATAL_ERROR "${manifest} is empty: the page was not built")
endif()

file(WRITE ${OUT}/assets.c "/* Generated from webui/dist. Do not edit. */
#define FILE_AS(name, path)                                                \\
  __asm__(\".section .rodata\\n.global \" #name \"\\n.global \" #name \"_end\\n\" \\
          #name \":\\n.incbin \\\"\" path \"\\\"\\n\" #name \"_end:\\n.byte 0\\n.text\\n\");
${bytes}")
file(WRITE ${OUT}/assets.cpp "// Generated from webui/dist. Do not edit.
#include \"gateway/http/embedded_assets.h\"

extern \"C\" {
${declarations}}

namespace halley::gateway {

std::span<const Asset> embedded_assets() {
  const auto view = [](const char* begin, const char* end) {
    return std::string_view(begin, static_cast<std::size_t>(end - begin));
  };
  static const Asset assets[] = {
${table}  };
  return assets;
}

}  // namespace halley::gateway
")
