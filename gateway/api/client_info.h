// Who is really asking, and whether a browser asks on behalf of a foreign page.
//
// Sources: RFC 6454 (Origin), Fetch Metadata (Sec-Fetch-Site), RFC 7239 (Forwarded). Pure; any thread.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/accounts/login.h"
#include "bouncer/net/address_limits.h"
#include "bouncer/net/origin.h"
#include "bouncer/net/stream.h"
#include "gateway/http/proxy_protocol.h"
#include "gateway/http/refusal.h"
#include "gateway/http/request.h"

namespace halley::gateway {

struct ClientInfo {
  std::string address;         // the client's own, also behind a trusted proxy
  bool local = false;          // a program on this machine, through no proxy, that named this machine
  bool https = false;          // as the browser sees it
  bool by_proxy = false;       // a trusted proxy speaks for somebody else
  net::Authority host;         // what a trusted proxy was asked for, by its own word; empty: it does not say
  std::uint16_t own_port = 0;  // ... and at which port; 0: it does not say
};

// Does a program on this machine get the metrics without a token? Where a proxy stands, one that was told
// nothing but our address cannot be told from a program: it asks by HTTP/1.1 (nginx since 1.29.7), for our
// own address, and says of nobody that it asks for them.
bool opens_metrics(const ClientInfo& client, const Config& config);

// A proxy's word (PROXY protocol) on who speaks: `peer` is that one from then on, and `place` is kept with
// the connection. False: the address has as many as it may.
// REQUIRES: the peer is a trusted proxy.
bool introduce(const ProxyWord& word, net::Peer& peer, std::shared_ptr<void>& place,
               net::AddressLimits& addresses, const Config& config);

// Is this peer one of http.trusted_proxies ("unix" for the Unix socket)?
bool is_trusted_proxy(std::string_view address, const Config& config);

// What a proxy says (forwarded.h) counts only when the peer is a trusted one: then the client is the
// rightmost address that is not itself a trusted proxy; where a proxy does not name who spoke to it, the
// proxy stands for them. Refused is what a trusted proxy says and nobody can understand, and two opinions.
std::expected<ClientInfo, Refusal> client_info(const Request& request, const net::Peer& peer,
                                               const Config& config);

// Whether the Host header names this server. A page of somebody's whose name was made to lead here (DNS
// rebinding) names another one. With TLS the certificate has been the check, and on a Unix socket there is no
// browser.
bool is_known_host(const Request& request, const net::Peer& peer, const ClientInfo& client,
                   const Config& config);

// Whose page had the request made: what Fetch calls its initiator.
enum class Initiator {
  kOurPage,  // a browser, on behalf of our own page or an allowed origin
  kUnsaid,   // it does not say: a program, an old browser's GET, or an address typed by hand
  kForeign,  // a browser, on behalf of a page that is not ours
};
// The server's own origins are http(s)://HOST by the Host header or by a trusted proxy's word (https also
// where we see plain http: a proxy may have taken the TLS off), http.public_url and http.origins. A browser
// that sends neither Origin nor Sec-Fetch-Site with a form (before 2020) is known by its Referer.
Initiator initiator(const Request& request, const ClientInfo& client, const Config& config);

}  // namespace halley::gateway
