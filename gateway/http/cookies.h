// The cookies that Halley sets: of a login, and for some minutes of a browser that was asked for a passkey.
// Source: RFC 6265, and its successor's cookie name prefixes (6265bis section 4.1.3).
//
// Over https (our own TLS, or a trusted proxy's) its name is __Host-halley: browsers then insist on Secure,
// on Path=/ and on no Domain. Plain http has no Secure cookies; there it is called halley. Pure.
#pragma once

#include <string>
#include <string_view>

#include "gateway/http/request.h"

namespace halley::gateway {

std::string_view cookie_name(bool https);
std::string_view browser_cookie_name(bool https);  // with -browser behind it
// The value of the cookie `name` in a Cookie header; empty when it is absent.
std::string_view find_cookie(std::string_view header, std::string_view name);
// The same in all Cookie headers: what speaks HTTP/2 before us may hand on one for each cookie (RFC 9113
// section 8.2.3).
std::string_view find_cookie(const Request& request, std::string_view name);
// The value of a Set-Cookie header. An empty token takes the cookie back.
std::string set_cookie(std::string_view token, bool https);
std::string set_browser_cookie(std::string_view token, bool https);

}  // namespace halley::gateway
