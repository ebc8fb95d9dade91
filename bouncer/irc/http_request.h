// A browser, or what speaks for one, at a port for IRC: a page can make it send lines of its choice to any
// port, as the body of a request. So whoever begins like HTTP is to be closed without an answer, before
// anything else is read. Source: https://fetch.spec.whatwg.org/#port-blocking, RFC 9112 section 3. Pure; any
// thread.
#pragma once
#include <string_view>

namespace halley::irc {

// Is `line`, the first of a connection, without CR LF, the beginning of an HTTP request ("POST / HTTP/1.1",
// "GET /", the preface of HTTP/2)? Never so for a command of IRC.
bool is_http_request(std::string_view line);

}  // namespace halley::irc
