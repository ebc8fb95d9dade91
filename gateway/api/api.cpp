#include "gateway/api/api.h"

#include <array>

#include "bouncer/core/user.h"
#include "gateway/api/gate.h"

namespace halley::gateway {

std::span<const Route> Api::routes() {
  static constexpr std::array kRoutes = {
      Route{Method::kPost, "/api/login", Access::kAnyone, &Api::login},
      Route{Method::kPost, "/api/logout", Access::kUser, &Api::logout},
      Route{Method::kGet, "/api/me", Access::kUser, &Api::me},
      Route{Method::kGet, "/api/events", Access::kUser, &Api::events},
      Route{Method::kPost, "/api/commands", Access::kUser, &Api::commands},
      Route{Method::kGet, "/api/history", Access::kUser, &Api::history},
      Route{Method::kGet, "/api/search", Access::kUser, &Api::search},
      Route{Method::kGet, "/healthz", Access::kAnyone, &Api::healthz},
      Route{Method::kGet, "/metrics", Access::kAnyone, &Api::metrics},
  };
  return kRoutes;
}

void Api::healthz(const Call& call) {
  Response response = empty_response(200);
  response.header("Content-Type", "text/plain; charset=utf-8");
  response.body = "ok\n";
  call.respond.send(std::move(response));
}

// On this machine any program; else an administrator.
bool Api::open_metrics(const Call& call) {
  if (call.client.local) return true;
  auto caller = admit(call.request, call.client, parts_.login, parts_.config);
  if (!caller) {
    call.respond.send(std::move(caller.error()));
    return false;
  }
  if (caller->user->row().admin) return true;
  call.respond.send(
      error_response(403, "not_admin", "Metrics are for administrators, or for programs on this machine."));
  return false;
}

void Api::metrics(const Call& call) {
  if (!open_metrics(call)) return;
  Response response = empty_response(200);
  response.header("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  parts_.metrics.write(response.body, parts_.hub, parts_.connections());
  call.respond.send(std::move(response));
}

}  // namespace halley::gateway
