// What is served at which address. Resources that are commands of the command table: their words are the
// table's, and their errors, too.
#include <array>

#include "gateway/api/api.h"

namespace halley::gateway {
namespace {

constexpr std::string_view kJson = "application/json", kText = "text/plain";

// Of a user, about their own account.
constexpr Route own(Method method, std::string_view path, ResourceCommand command) {
  return {method, path, Access::kUser, kJson, &Api::resource, command};
}

constexpr Route admins(Method method, std::string_view path, ResourceCommand command) {
  return {method, path, Access::kAdmin, kJson, &Api::resource, command};
}

constexpr ResourceCommand adding(std::string_view words, std::string_view arguments) {
  return {.words = words, .arguments = arguments, .done = 201};
}

// A request cannot be asked whether it is meant.
constexpr ResourceCommand removing(std::string_view words) {
  return {.words = words, .options = "--yes"};
}

constexpr std::array kRoutes = {
    Route{Method::kPost, "/api/login", Access::kAnyone, kJson, &Api::login},
    Route{Method::kPost, "/api/logout", Access::kUser, kJson, &Api::logout},
    Route{Method::kGet, "/api/me", Access::kUser, kJson, &Api::me},
    Route{Method::kGet, "/api/events", Access::kUser, {}, &Api::events},
    Route{Method::kPost, "/api/commands", Access::kUser, kJson, &Api::commands},
    Route{Method::kGet, "/api/outbox", Access::kUser, kJson, &Api::outbox},
    Route{Method::kPost, "/api/outbox", Access::kUser, kJson, &Api::change_outbox},
    Route{Method::kGet, "/api/history", Access::kUser, kJson, &Api::history},
    Route{Method::kGet, "/api/search", Access::kUser, kJson, &Api::search},
    Route{Method::kGet, "/api/export", Access::kUser, "application/x-ndjson", &Api::export_history},

    own(Method::kGet, "/api/networks", {"network list"}),
    own(Method::kPost, "/api/networks", adding("network add", "name url")),
    own(Method::kGet, "/api/networks/NAME", {"network show"}),
    own(Method::kPatch, "/api/networks/NAME", {"network set"}),
    own(Method::kDelete, "/api/networks/NAME", removing("network remove")),
    own(Method::kPost, "/api/networks/NAME/rename", {"network rename", "name"}),
    own(Method::kPost, "/api/networks/NAME/connect", {"network connect"}),
    own(Method::kPost, "/api/networks/NAME/disconnect", {"network disconnect"}),
    own(Method::kGet, "/api/buffers", {"buffer list"}),
    own(Method::kPatch, "/api/buffers/NETWORK/TARGET", {"buffer set"}),
    own(Method::kDelete, "/api/buffers/NETWORK/TARGET", removing("buffer remove")),
    own(Method::kGet, "/api/devices", {"device list"}),
    own(Method::kPost, "/api/devices", adding("device add", "name")),
    own(Method::kDelete, "/api/devices/NAME", removing("device revoke")),
    own(Method::kGet, "/api/sessions", {"session list"}),
    own(Method::kDelete, "/api/sessions/ID", {"session revoke"}),
    own(Method::kGet, "/api/account", {"user show"}),
    Route{Method::kPost, "/api/account", Access::kUser, kJson, &Api::account},
    Route{Method::kPost, "/api/account/password", Access::kUser, kJson, &Api::set_password, {"user passwd"}},
    own(Method::kGet, "/api/status", {"status"}),
    own(Method::kGet, "/api/version", {"version"}),

    admins(Method::kGet, "/api/users", {"user list"}),
    admins(Method::kPost, "/api/users", adding("user add", "name")),
    admins(Method::kPatch, "/api/users/USER", {"user set"}),
    admins(Method::kDelete, "/api/users/USER", removing("user remove")),
    admins(Method::kPost, "/api/users/USER/rename", {"user rename", "name"}),
    admins(Method::kPost, "/api/users/USER/disable", {"user disable"}),
    admins(Method::kPost, "/api/users/USER/enable", {"user enable"}),
    admins(Method::kPost, "/api/unlock", {"unlock", "who"}),
    admins(Method::kPost, "/api/notice", {"notice", "text"}),
    admins(Method::kPost, "/api/prune", {"prune"}),
    admins(Method::kPost, "/api/reload", {"reload"}),

    Route{Method::kGet, "/irc", Access::kAnyone, {}, &Api::irc},
    Route{Method::kGet, "/healthz", Access::kAnyone, kText, &Api::healthz},
    Route{Method::kGet, "/metrics", Access::kAnyone, kText, &Api::metrics},
};

}  // namespace

std::span<const Route> Api::routes() {
  return kRoutes;
}

}  // namespace halley::gateway
