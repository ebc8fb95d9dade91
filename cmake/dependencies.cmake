# All from Debian 12's own packages; script/bootstrap names them.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
foreach(dependency libuv openssl sqlite3 libargon2 libcrypt re2 fmt spdlog)
  pkg_check_modules(${dependency} REQUIRED IMPORTED_TARGET ${dependency})
endforeach()
# It asks for -pthread, with which the tests' precompiled header would be another one.
set_property(TARGET PkgConfig::re2 PROPERTY INTERFACE_COMPILE_OPTIONS "")
find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus REQUIRED)

# Its archive, where there is one: 14 KB of code that a command line uses now and then, and a daemon never, need no library of
# their own in each process.
find_path(QRCODEGEN_INCLUDE qrcodegen/qrcodegen.h REQUIRED)
find_library(QRCODEGEN_LIBRARY NAMES libqrcodegen.a qrcodegen REQUIRED)
add_library(qrcodegen INTERFACE)
target_include_directories(qrcodegen SYSTEM INTERFACE ${QRCODEGEN_INCLUDE})
target_link_libraries(qrcodegen INTERFACE ${QRCODEGEN_LIBRARY})

# Debian 13 has llhttp as a library (libllhttp-dev), Debian 12 as C sources (node-llhttp).
pkg_check_modules(libllhttp IMPORTED_TARGET libllhttp)
if(libllhttp_FOUND)
  add_library(llhttp INTERFACE)
  target_link_libraries(llhttp INTERFACE PkgConfig::libllhttp)
else()
  find_path(LLHTTP_INCLUDE llhttp.h PATHS /usr/share/include/llhttp REQUIRED)
  find_path(LLHTTP_SOURCE llhttp.c PATHS /usr/share/llhttp REQUIRED)
  add_library(llhttp STATIC ${LLHTTP_SOURCE}/llhttp.c ${LLHTTP_SOURCE}/api.c ${LLHTTP_SOURCE}/http.c)
  target_include_directories(llhttp SYSTEM PUBLIC ${LLHTTP_INCLUDE})
endif()
