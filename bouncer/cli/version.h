// Which Halley this is; CMakeLists.txt says it.
#pragma once

#include <string_view>

namespace halley::cli {
inline constexpr std::string_view kVersion = HALLEY_VERSION;
}
