// Where OpenSSL finds the bytes of one engine: it reads what was fed without a copy, and writes to a string.
#pragma once

#include <string>
#include <string_view>

namespace halley::net {

// Owned by the TlsEngine; its address must not change while the engine lives. OpenSSL's own memory BIOs would
// copy all input once more and keep their largest size for good.
struct TlsTransport {
  std::string_view input;
  std::string output;
};

}  // namespace halley::net
