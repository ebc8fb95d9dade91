// POST /api/login, POST /api/logout, GET /api/me.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "gateway/api/api.h"
#include "gateway/api/gate.h"
#include "gateway/events/cursor.h"
#include "gateway/http/cookies.h"
#include "gateway/http/json_body.h"
#include "gateway/http/json_writer.h"

namespace halley::gateway {
namespace {

constexpr std::size_t kMaxUserName = 256;              // bytes
constexpr std::size_t kMostTold = 4000;                // buffers of all networks in one answer
constexpr std::size_t kMaxPassword = kMaxRequestBody;  // whatever shape it has: the request bounds it

void append_network(std::string& out, const Network& network, std::size_t most) {
  out += "{\"name\":";
  append_json_string(out, network.name());
  out += ",\"nick\":";
  append_json_string(out, network.nick());
  out += ",\"state\":";
  append_json_string(out, link_name(network.link()));
  if (!network.trouble().empty()) {
    out += ",\"trouble\":";
    append_json_string(out, network.trouble());
  }
  out += ",\"buffers\":[";
  bool first = true;
  for (const Network::BufferInfo& buffer : network.shown_buffers(most)) {
    out += first ? "{\"name\":" : ",{\"name\":";
    first = false;
    append_json_string(out, *buffer.name);
    out += buffer.joined ? ",\"joined\":true" : ",\"joined\":false";
    out += buffer.channel ? ",\"channel\":true}" : ",\"channel\":false}";
  }
  out += network.buffers().all().size() > most + 1 ? "],\"more\":true}" : "]}";  // one is the network's own
}

}  // namespace

Api::Visitor Api::visitor_of(const Call& call) const {
  Visitor visitor{.respond = call.respond,
                  .client = call.client,
                  .agent = std::string(call.request.header("user-agent"))};
  const auto* before =
      parts_.accounts.find_session(find_cookie(call.request, cookie_name(call.client.https)));
  if (before == nullptr) return visitor;
  visitor.old_user = before->user;
  visitor.old_session = before->id;
  return visitor;
}

// A browser has one login: the one that it had ends with the new one, whoever's it was.
void Api::let_in(const Visitor& visitor, UserId user) {
  Accounts& accounts = parts_.accounts;
  const std::string token = accounts.open_session(user, visitor.agent, visitor.client.address);
  accounts.end_session(visitor.old_user, visitor.old_session);
  // What is answered holds, though Halley be killed in the next moment.
  accounts.when_saved(user, [respond = visitor.respond, cookie = set_cookie(token, visitor.client.https)] {
    respond.send(empty_response(204).header("Set-Cookie", cookie));
  });
}

void Api::login(const Call& call) {
  if (initiator(call.request, call.client, parts_.config) == Initiator::kForeign)
    return call.respond.send(foreign_response(call.request));
  auto body = body_of(call);
  if (!body) return call.respond.send(std::move(body.error()));
  const auto username = text_member(*body, "username", kMaxUserName);
  const auto password = text_member(*body, "password", kMaxPassword);
  if (!username || !password || username->empty())
    return call.respond.send(error_response(400, "bad_login", "Send {\"username\":...,\"password\":...}."));
  parts_.login.authenticate(LoginName{.user = *username, .network = {}, .device = {}}, *password,
                            call.client.address, false,
                            [this, alive = std::weak_ptr(alive_),
                             visitor = visitor_of(call)](const std::expected<Granted, Refused>& granted) {
                              // A login that nobody waits for any more opens no session.
                              if (alive.expired() || !visitor.respond.waiting()) return;
                              if (!granted) return visitor.respond.send(refused_response(granted.error()));
                              let_in(visitor, granted->user);
                            });
}

void Api::logout(const Call& call) {
  const Principal& caller = call.caller;
  if (caller.session == 0)
    return call.respond.send(
        error_response(400, "no_session", "A device's token ends with: halley device revoke USER NAME"));
  parts_.hub.end_session(caller.session, "You have logged out.");
  // Somebody else may have ended it in this very moment: it is ended all the same.
  parts_.accounts.end_session(caller.user->id(), caller.session);
  parts_.accounts.when_saved(caller.user->id(),
                             [respond = call.respond, cookie = set_cookie({}, call.client.https)] {
                               respond.send(empty_response(204).header("Set-Cookie", cookie));
                             });
}

// Whom a trusted proxy has logged in has a web login of ours from now on.
void Api::open_for_guest(const Call& call, Response response) {
  Accounts& accounts = parts_.accounts;
  const UserId user = call.caller.user->id();
  const Visitor visitor = visitor_of(call);
  const std::string token = accounts.open_session(user, visitor.agent, call.client.address);
  accounts.end_session(visitor.old_user, visitor.old_session);
  accounts.audit().info(fmt::format("web login of {} from {}, by the proxy's word", call.caller.user->name(),
                                    call.client.address));
  accounts.audit().about(user, {.kind = AuditEntry::What::kLogin,
                                .who = call.caller.user->name(),
                                .from = call.client.address,
                                .what = "the proxy's word"});
  response.header("Set-Cookie", set_cookie(token, call.client.https));
  accounts.when_saved(user,
                      [respond = call.respond, response = std::move(response)] { respond.send(response); });
}

void Api::me(const Call& call) {
  const User& user = *call.caller.user;
  std::string body = "{\"user\":";
  append_json_string(body, user.name());
  body += ",\"networks\":[";
  const std::size_t most = kMostTold / std::max<std::size_t>(user.networks().size(), 1);
  bool first = true;
  for (const auto& network : user.networks()) {
    if (!first) body += ',';
    first = false;
    append_network(body, *network, most);
  }
  body += "],\"head\":\"";
  append_cursor(body, user.epoch(), user.head());
  body += "\"}\n";
  Response response = json_response(200, std::move(body));
  const bool guest = call.caller.session == 0 && call.caller.device == 0;
  // Who looks at the head alone does not come to stay.
  if (guest && call.request.method != Method::kHead) return open_for_guest(call, std::move(response));
  // Each visit of the page lets the cookie live longer.
  if (call.caller.session != 0) {
    const std::string_view token = find_cookie(call.request, cookie_name(call.client.https));
    response.header("Set-Cookie", set_cookie(token, call.client.https));
  }
  call.respond.send(std::move(response));
}

}  // namespace halley::gateway
