// The PROXY protocol, versions 1 and 2 (HAProxy's proxy-protocol.txt of 2020): what a proxy that passes bytes
// on says of who speaks, before anything else.
//
// Pure. Whether the proxy is to be believed is not known here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace halley::gateway {

// Bytes of a whole header of version 2, with what proxies append to it. With more it is not understood.
inline constexpr std::size_t kMaxProxyHeader = 2048;

struct ProxyWord {
  std::string address;  // who speaks; empty: the proxy itself (a health check), or it does not say
  bool tls = false;     // ... to the proxy by TLS, which it took off
};

enum class ProxyResult {
  kMore,  // it may become a header
  kDone,
  kNone,  // something else begins here
  kBad,
};
// Looks at all bytes that came so far; `size`: of the header, when it is done.
ProxyResult parse_proxy_header(std::string_view bytes, ProxyWord& word, std::size_t& size);

}  // namespace halley::gateway
