// A request on its way to its handler, with all that was found out about it.
#pragma once

#include <cstdint>

#include "bouncer/accounts/login.h"
#include "bouncer/core/live_user.h"
#include "gateway/api/client_info.h"
#include "gateway/api/router.h"
#include "gateway/http/query.h"
#include "gateway/http/request.h"
#include "gateway/http/responder.h"

namespace halley::gateway {

// Who is logged in.
struct Principal {
  User* user = nullptr;
  std::uint64_t session = 0;  // by cookie
  DeviceId device = 0;        // by token
};

// Valid during the handler's call; what outlives it is copied.
struct Call {
  const Request& request;
  const Query& query;
  const ClientInfo& client;
  Principal caller;  // empty where anyone may call
  Responder respond;
  const ResourceCommand& command;         // of the route
  const std::vector<std::string>& names;  // in its path
  bool form = false;  // the body is a form of a page of ours, which reads the answer in a frame
};

}  // namespace halley::gateway
