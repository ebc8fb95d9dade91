#include <catch2/catch.hpp>

#include "bouncer/irc/http_request.h"

using halley::irc::is_http_request;

TEST_CASE("what begins like HTTP is known by its first line") {
  for (const auto line : {"GET / HTTP/1.1", "POST / HTTP/1.1", "GET /", "HEAD /x HTTP/1.0", "PRI * HTTP/2.0",
                          "OPTIONS * HTTP/1.1", "PROPFIND /dav HTTP/1.1", "M-SEARCH * HTTP/1.1",
                          "DELETE /channel HTTP/1.1", "TRACE / HTTP/1.1", "get / HTTP/1.1",
                          "CONNECT irc.example.org:6697 HTTP/1.1", "QUERY http://example.org/ HTTP/1.1"}) {
    CAPTURE(line);
    CHECK(is_http_request(line));
  }
}

TEST_CASE("what is IRC is no HTTP") {
  for (const auto line :
       {"", "CAP LS 302", "NICK GET", "USER a 0 * :HTTP/1.1", "PASS HTTP/1.1", "PASS secret HTTP/1.1 x",
        "TRACE", "TRACE irc.example.org", "CONNECT irc.example.org 6667", "PRIVMSG #c :GET / HTTP/1.1",
        "PRIVMSG #c HTTP/", "GET", " GET / HTTP/1.1", "@a=b GET / HTTP/1.1", ":x GET / HTTP/1.1"}) {
    CAPTURE(line);
    CHECK_FALSE(is_http_request(line));
  }
}
