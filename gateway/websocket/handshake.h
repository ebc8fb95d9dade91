// The opening handshake of a WebSocket (RFC 6455 section 4.2). Pure.
#pragma once

#include <expected>
#include <span>
#include <string_view>

#include "gateway/http/request.h"
#include "gateway/http/response.h"

namespace halley::gateway {

// Does the request ask for a WebSocket?
bool wants_websocket(const Request& request);
// The head of the answer, 101; the error is the answer that says why there is none. Of `subprotocols` the
// first that the client names is taken, and written into the head; empty: it names none of them.
struct OpeningHandshake {
  Response head;
  std::string_view subprotocol;
};
// REQUIRES: wants_websocket(request).
std::expected<OpeningHandshake, Response> shake_hands(const Request& request,
                                                      std::span<const std::string_view> subprotocols = {});
// To somebody who does not ask for one where there is nothing else.
Response upgrade_required();

}  // namespace halley::gateway
