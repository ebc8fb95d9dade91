// What proxies write about the request that they pass on: Forwarded (RFC 7239) and the X-Forwarded-* headers
// of before it, in all shapes that are about.
//
// Pure. Whether a proxy is to be believed is not known here.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/net/address.h"
#include "gateway/http/refusal.h"
#include "gateway/http/request.h"

namespace halley::gateway {

// Most entries of a chain; with more it is not understood.
inline constexpr std::size_t kMaxHops = 32;

// Who spoke to a proxy: an address, or somebody whom it does not name (unknown, _hidden).
struct Node {
  bool understood = false;
  net::Address address;  // of no family: not named
};
// "192.0.2.7", "192.0.2.7:4711", "2001:db8::1", "[2001:db8::1]:4711", "fe80::1%eth0", "unknown",
// "_hidden:_port", each also in quotes.
Node parse_node(std::string_view text);

struct Hop {
  std::string node;  // who spoke to the proxy; empty: it does not say
  std::string proto, host;
};
// The elements of all Forwarded headers, from the first proxy to the last; none: there is no such header.
std::expected<std::vector<Hop>, Refusal> parse_forwarded(const Request& request);
// The items of all headers of that name as one list (RFC 9110 section 5.3), empty ones left out.
std::expected<std::vector<std::string_view>, Refusal> list_items(const Request& request,
                                                                 std::string_view name);
// Does a header say that somebody passed this request on?
bool passed_on(const Request& request);

}  // namespace halley::gateway
