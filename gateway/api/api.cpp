#include "gateway/api/api.h"

#include <nlohmann/json.hpp>

#include "bouncer/core/user.h"
#include "gateway/api/gate.h"
#include "gateway/http/json_body.h"

namespace halley::gateway {

std::expected<nlohmann::json, Response> Api::body_of(const Call& call, std::string_view number) {
  return call.form ? parse_form_body(call.request, number) : parse_json_body(call.request);
}

std::shared_ptr<void> Api::place_for(const Call& call, net::PlaceCount<UserId>& places, std::size_t most) {
  auto place = places.take(call.caller.user->id(), most);
  if (!place) {
    call.respond.send(
        error_response(429, "too_many_questions", "You have several such questions open: wait for an answer.")
            .header("Retry-After", "1"));
    return nullptr;
  }
  call.respond.keep(place);
  return place;
}

void Api::healthz(const Call& call) {
  Response response = empty_response(200);
  response.header("Content-Type", "text/plain; charset=utf-8");
  response.body = "ok\n";
  // Whoever asks through a proxy hears no more.
  if (opens_metrics(call.client, parts_.config))
    parts_.metrics.write_health(response.body, parts_.loop.clock().monotonic_ms());
  call.respond.send(std::move(response));
}

// On this machine any program, as http.metrics has it; else an administrator.
bool Api::open_metrics(const Call& call) {
  if (opens_metrics(call.client, parts_.config)) return true;
  auto caller = admit(call.request, call.client, parts_.login, parts_.live_user, parts_.config);
  if (!caller) {
    call.respond.send(std::move(caller.error()));
    return false;
  }
  if (caller->user->row().admin) return true;
  call.respond.send(
      error_response(403, "not_admin",
                     "Metrics are for administrators, or for programs on this machine (see http.metrics)."));
  return false;
}

void Api::metrics(const Call& call) {
  if (!open_metrics(call)) return;
  Response response = empty_response(200);
  response.header("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  parts_.metrics.write(
      response.body,
      {.hub = parts_.hub, .connections = parts_.connections(), .ms = parts_.loop.clock().monotonic_ms()});
  call.respond.send(std::move(response));
}

}  // namespace halley::gateway
