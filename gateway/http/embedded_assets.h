// The files that this binary carries: webui/dist as it was built, or, with HALLEY_WEBUI=OFF, one page that
// says how to build it. The library halley_webui defines it (cmake/webui.cmake).
#pragma once

#include <span>

#include "gateway/http/assets.h"

namespace halley::gateway {

std::span<const Asset> embedded_assets();

}  // namespace halley::gateway
