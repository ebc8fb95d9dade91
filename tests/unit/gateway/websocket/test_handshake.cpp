// The opening of a WebSocket: who may have one, and what is answered.
#include <catch2/catch.hpp>
#include <vector>

#include "gateway/websocket/handshake.h"

using namespace halley::gateway;

namespace {

Request opening(std::vector<Header> further = {}) {
  Request request;
  request.method = Method::kGet;
  request.headers = {{"Connection", "keep-alive, Upgrade"}, {"Upgrade", "websocket"}};
  request.headers.insert(request.headers.end(), further.begin(), further.end());
  return request;
}

// RFC 6455 section 1.3.
const Header kVersion = {"Sec-WebSocket-Version", "13"};
const Header kKey = {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="};

}  // namespace

TEST_CASE("a WebSocket is opened as RFC 6455 has it") {
  const Request request = opening({kVersion, kKey});
  CHECK(wants_websocket(request));
  const auto shaken = shake_hands(request);
  REQUIRE(shaken);
  CHECK(shaken->head.status == 101);
  CHECK_THAT(shaken->head.headers, Catch::Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  CHECK_THAT(shaken->head.headers, !Catch::Contains("Sec-WebSocket-Protocol"));
  CHECK(shaken->subprotocol.empty());
}

TEST_CASE("of the subprotocols the first that the client names is taken") {
  static constexpr std::string_view kOurs[] = {"text.ircv3.net", "binary.ircv3.net"};
  const auto taken = [](const char* named) {
    const auto shaken = shake_hands(opening({kVersion, kKey, {"Sec-WebSocket-Protocol", named}}), kOurs);
    REQUIRE(shaken);
    return shaken->subprotocol;
  };
  CHECK(taken("binary.ircv3.net, text.ircv3.net") == "binary.ircv3.net");
  CHECK(taken("other, text.ircv3.net") == "text.ircv3.net");
  CHECK(taken("other").empty());
}

TEST_CASE("what opens no WebSocket is refused, and told how") {
  CHECK_FALSE(wants_websocket(Request{}));
  const auto status = [](const Request& request) {
    const auto shaken = shake_hands(request);
    REQUIRE_FALSE(shaken);
    return shaken.error().status;
  };
  CHECK(status(opening({{"Sec-WebSocket-Version", "8"}, kKey})) == 426);
  CHECK(status(opening({kVersion})) == 400);
  CHECK(status(opening({kVersion, {"Sec-WebSocket-Key", "dGhlIHNhbXBsZQ=="}})) == 400);
  Request post = opening({kVersion, kKey});
  post.method = Method::kPost;
  CHECK(status(post) == 400);
  Request old = opening({kVersion, kKey});
  old.http11 = false;
  CHECK(status(old) == 400);
  CHECK_THAT(upgrade_required().headers, Catch::Contains("Sec-WebSocket-Version: 13\r\n"));
}
