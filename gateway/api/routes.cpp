// What is served at which address. Resources that are commands of the command table: their words are the
// table's, and their errors, too.
#include <array>

#include "gateway/api/api.h"

namespace halley::gateway {
namespace {

constexpr std::string_view kJson = "application/json", kText = "text/plain";

using Handler = void (Api::*)(const Call& call);

constexpr Route anyones(Method method, std::string_view path, std::string_view type, Handler handle) {
  return {.method = method, .path = path, .access = Access::kAnyone, .type = type, .handle = handle};
}

constexpr Route users(Method method, std::string_view path, std::string_view type, Handler handle) {
  return {.method = method, .path = path, .access = Access::kUser, .type = type, .handle = handle};
}

// Of a user, about their own account.
constexpr Route own(Method method, std::string_view path, ResourceCommand command) {
  return {.method = method,
          .path = path,
          .access = Access::kUser,
          .type = kJson,
          .handle = &Api::resource,
          .command = command};
}

constexpr Route admins(Method method, std::string_view path, ResourceCommand command) {
  Route route = own(method, path, command);
  route.access = Access::kAdmin;
  return route;
}

constexpr ResourceCommand adding(std::string_view words, std::string_view arguments) {
  return {.words = words, .arguments = arguments, .done = 201};
}

// A request cannot be asked whether it is meant.
constexpr ResourceCommand removing(std::string_view words) {
  return {.words = words, .options = "--yes"};
}

constexpr std::array kRoutes = {
    anyones(Method::kPost, "/api/login", kJson, &Api::login),
    anyones(Method::kPost, "/api/login/challenge", kJson, &Api::login_challenge),
    anyones(Method::kPost, "/api/login/passkey", kJson, &Api::passkey_login),
    anyones(Method::kPost, "/api/reset", kJson, &Api::reset_password),
    anyones(Method::kPost, "/api/register", kJson, &Api::register_user),
    users(Method::kPost, "/api/logout", kJson, &Api::logout),
    Route{.method = Method::kGet,
          .path = "/api/me",
          .access = Access::kGuest,
          .type = kJson,
          .handle = &Api::me},
    users(Method::kGet, "/api/events", {}, &Api::events),
    users(Method::kPost, "/api/commands", kJson, &Api::commands),
    users(Method::kGet, "/api/outbox", kJson, &Api::outbox),
    users(Method::kPost, "/api/outbox", kJson, &Api::change_outbox),
    users(Method::kGet, "/api/push", kJson, &Api::pushes),
    users(Method::kPost, "/api/push", kJson, &Api::subscribe),
    users(Method::kDelete, "/api/push/ID", kJson, &Api::unsubscribe),
    users(Method::kGet, "/api/history", kJson, &Api::history),
    users(Method::kGet, "/api/search", kJson, &Api::search),
    users(Method::kGet, "/api/export", "application/x-ndjson", &Api::export_history),

    own(Method::kGet, "/api/networks", {"network list"}),
    own(Method::kPost, "/api/networks", adding("network add", "name url")),
    own(Method::kGet, "/api/networks/NAME", {"network show"}),
    own(Method::kPatch, "/api/networks/NAME", {"network set"}),
    own(Method::kDelete, "/api/networks/NAME", removing("network remove")),
    own(Method::kPost, "/api/networks/NAME/rename", {"network rename", "name"}),
    own(Method::kPost, "/api/networks/NAME/connect", {"network connect"}),
    own(Method::kPost, "/api/networks/NAME/disconnect", {"network disconnect"}),
    own(Method::kGet, "/api/buffers", {"buffer list"}),
    own(Method::kGet, "/api/buffers/NETWORK", {"buffer list"}),
    own(Method::kPatch, "/api/buffers/NETWORK/TARGET", {"buffer set"}),
    own(Method::kDelete, "/api/buffers/NETWORK/TARGET", removing("buffer remove")),
    own(Method::kGet, "/api/rules", {"rule list"}),
    own(Method::kPost, "/api/rules", adding("rule add", "kind match pattern")),
    own(Method::kDelete, "/api/rules/ID", {"rule remove"}),
    own(Method::kGet, "/api/devices", {"device list"}),
    own(Method::kPost, "/api/devices", adding("device add", "name")),
    own(Method::kPost, "/api/devices/NAME/rename", {"device rename", "name"}),
    own(Method::kDelete, "/api/devices/NAME", removing("device revoke")),
    own(Method::kPost, "/api/devices/NAME/hide", {"device hide", "network target"}),
    own(Method::kPost, "/api/devices/NAME/unhide", {"device unhide", "network target"}),
    own(Method::kGet, "/api/passkeys", {"passkey list"}),
    users(Method::kPost, "/api/passkeys", kJson, &Api::add_passkey),
    users(Method::kPost, "/api/passkeys/challenge", kJson, &Api::passkey_challenge),
    own(Method::kPost, "/api/passkeys/ID/rename", {"passkey rename", "name"}),
    own(Method::kDelete, "/api/passkeys/ID", removing("passkey revoke")),
    own(Method::kGet, "/api/sessions", {"session list"}),
    own(Method::kDelete, "/api/sessions/ID", {"session revoke"}),
    own(Method::kGet, "/api/account", {"user show"}),
    users(Method::kPost, "/api/account", kJson, &Api::account),
    Route{.method = Method::kPost,
          .path = "/api/account/password",
          .access = Access::kUser,
          .type = kJson,
          .handle = &Api::set_password,
          .command = {"user passwd"}},
    own(Method::kGet, "/api/status", {"status"}),
    own(Method::kGet, "/api/version", {"version"}),

    admins(Method::kGet, "/api/users", {"user list"}),
    admins(Method::kPost, "/api/users", adding("user add", "name")),
    admins(Method::kPatch, "/api/users/USER", {"user set"}),
    admins(Method::kDelete, "/api/users/USER", removing("user remove")),
    admins(Method::kPost, "/api/users/USER/rename", {"user rename", "name"}),
    admins(Method::kPost, "/api/users/USER/disable", {"user disable"}),
    admins(Method::kPost, "/api/users/USER/enable", {"user enable"}),
    admins(Method::kPost, "/api/users/USER/reset", {"user reset"}),
    admins(Method::kGet, "/api/invitations", {"invite list"}),
    admins(Method::kPost, "/api/invitations", adding("invite add", "")),
    admins(Method::kDelete, "/api/invitations/ID", {"invite revoke"}),
    admins(Method::kPost, "/api/unlock", {"unlock", "who"}),
    admins(Method::kPost, "/api/notice", {"notice", "text"}),
    admins(Method::kPost, "/api/prune", {"prune"}),
    admins(Method::kPost, "/api/reindex", {"reindex"}),
    admins(Method::kPost, "/api/reload", {"reload"}),

    own(Method::kGet, "/api/uploads", {"upload list"}),
    own(Method::kDelete, "/api/uploads/FILE", removing("upload remove")),
    // Who may is looked at when the head of the request is there.
    anyones(Method::kPost, "/upload", kJson, &Api::upload),
    anyones(Method::kGet, "/upload/FILE", {}, &Api::download),

    anyones(Method::kGet, "/irc", {}, &Api::irc),
    anyones(Method::kGet, "/healthz", kText, &Api::healthz),
    anyones(Method::kGet, "/metrics", kText, &Api::metrics),
};

}  // namespace

std::span<const Route> Api::routes() {
  return kRoutes;
}

}  // namespace halley::gateway
