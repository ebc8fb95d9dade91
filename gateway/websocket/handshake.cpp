#include "gateway/websocket/handshake.h"

#include <algorithm>

#include "bouncer/net/websocket.h"
#include "gateway/http/accept.h"

namespace halley::gateway {
namespace {

// Is `token` in a list header?
bool names(std::string_view list, std::string_view token) {
  while (!list.empty())
    if (equal_without_case(next_item(list), token)) return true;
  return false;
}

}  // namespace

bool wants_websocket(const Request& request) {
  return names(request.list("upgrade"), "websocket");
}

Response upgrade_required() {
  return error_response(426, "upgrade_required", "Ask for a WebSocket here: Upgrade: websocket, version 13.")
      .header("Upgrade", "websocket")
      .header("Sec-WebSocket-Version", "13");
}

std::expected<OpeningHandshake, Response> shake_hands(const Request& request,
                                                      std::span<const std::string_view> subprotocols) {
  if (request.method != Method::kGet || !request.http11 || !names(request.list("connection"), "upgrade"))
    return std::unexpected(
        error_response(400, "bad_websocket",
                       "A WebSocket begins with GET, HTTP/1.1, Connection: Upgrade, Upgrade: websocket."));
  if (request.header("sec-websocket-version") != "13") return std::unexpected(upgrade_required());
  const std::string_view key = request.header("sec-websocket-key");
  if (!net::is_ws_key(key))
    return std::unexpected(
        error_response(400, "bad_websocket", "Sec-WebSocket-Key is not 16 bytes in base64."));
  OpeningHandshake shaken;
  shaken.head.status = 101;
  shaken.head.header("Sec-WebSocket-Accept", net::ws_accept(key));
  const std::string wanted = request.list("sec-websocket-protocol");
  for (std::string_view list = wanted; !list.empty() && shaken.subprotocol.empty();) {
    const auto found = std::ranges::find(subprotocols, next_item(list));
    if (found != subprotocols.end()) shaken.subprotocol = *found;
  }
  if (!shaken.subprotocol.empty()) shaken.head.header("Sec-WebSocket-Protocol", shaken.subprotocol);
  return shaken;
}

}  // namespace halley::gateway
