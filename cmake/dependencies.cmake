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
