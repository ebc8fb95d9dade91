// Who is really asking, and whether a browser asks on behalf of a foreign page.
//
// Sources: RFC 6454 (Origin), Fetch Metadata (Sec-Fetch-Site). Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bouncer/accounts/login.h"
#include "bouncer/net/stream.h"
#include "gateway/http/request.h"

namespace halley::gateway {

struct ClientInfo {
  std::string address;    // the client's own, also behind a trusted proxy
  bool loopback = false;  // on this machine, and not merely forwarded by something on it
  bool https = false;     // as the browser sees it
};

// X-Forwarded-For and X-Forwarded-Proto count only when the peer is one of http.trusted_proxies ("unix" for
// the Unix socket): then the client is the rightmost address that is not itself a trusted proxy.
ClientInfo client_info(const Request& request, const net::Peer& peer, const Config& config);

enum class Asker {
  kOurPage,  // a browser, on behalf of our own page or an allowed origin
  kNobody,   // it does not say: a program, an old browser's GET, or an address typed by hand
  kForeign,  // a browser, on behalf of a page that is not ours
};
// The server's own origins are http(s)://HOST by the Host header (https also where we see plain http: a proxy
// may have taken the TLS off), http.public_url and http.origins.
Asker asker(const Request& request, const ClientInfo& client, const Config& config);

}  // namespace halley::gateway
