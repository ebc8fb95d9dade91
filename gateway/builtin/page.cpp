// What a binary without the page serves at "/": how to build one that has it. Built with HALLEY_WEBUI=OFF
// only.
#include "gateway/http/embedded_assets.h"

namespace halley::gateway {
namespace {

constexpr std::string_view kPage = R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Halley</title>
<h1>Halley runs, without its page</h1>
<p>This binary was built with <code>HALLEY_WEBUI=OFF</code>: the interfaces under <code>/api</code> are here, the page is not.
<p>To build it in, install Node.js 18 or newer with npm, and say in the source tree:
<pre>cmake -S . -B build -G Ninja -DHALLEY_WEBUI=ON
cmake --build build</pre>
</html>
)";

constexpr Asset kAssets[] = {{.path = "/",
                              .type = "text/html; charset=utf-8",
                              .tag = "builtin-1",
                              .immutable = false,
                              .plain = kPage,
                              .brotli = {},
                              .gzip = {}}};

}  // namespace

std::span<const Asset> embedded_assets() {
  return kAssets;
}

}  // namespace halley::gateway
