// Lets requests in or says why not: cookies (with the check of their origin) and bearer tokens.
//
// Thread: the loop's.
#pragma once

#include <expected>
#include <string_view>

#include "bouncer/core/live_user.h"
#include "gateway/api/call.h"

namespace halley::gateway {

// A cookie is sent by any browser that somebody else's page steers; so a request with one must come from our
// own page: what changes anything must say so (Origin or Sec-Fetch-Site), a GET must at least not say
// otherwise. A token is sent by nobody unasked.
std::expected<Principal, Response> admit(const Request& request, const ClientInfo& client, Login& login,
                                         const LiveUser& live_user, const Config& config);

// Whom a trusted proxy has logged in (http.user_header): of a request that has neither cookie nor token. The
// Principal has no web login yet.
std::expected<Principal, Response> admit_by_proxy(const Request& request, const ClientInfo& client,
                                                  const Accounts& accounts, const LiveUser& live_user,
                                                  const Config& config);

// Of Authorization: Bearer; empty: the request has none. What a proxy logs people in by (Basic) may be passed
// on to us, and says nothing here.
std::string_view token_of(const Request& request);

// Does the request say that it is another user's: by its header Halley-User, or, a form, by its field "user"?
// A page that was put away while somebody else logged in sends what waits in it with that one's cookie.
bool is_anothers(const Request& request, bool form, const User& user);
Response another_user_response();

// The answer to a refused login.
Response refused_response(const Refused& refused);
Response foreign_response(const Request& request);
// A request for a host that is not this server.
Response unknown_host_response(const Request& request);
// To a command where there is no command table.
Response no_commands_response();

}  // namespace halley::gateway
