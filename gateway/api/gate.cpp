#include "gateway/api/gate.h"

#include <string>

#include "gateway/http/cookies.h"

namespace halley::gateway {
namespace {

constexpr std::string_view kScheme = "Bearer ";

Response unauthorized(std::string_view error, std::string_view message) {
  return error_response(401, error, message).header("WWW-Authenticate", "Bearer realm=\"halley\"");
}

}  // namespace

Response foreign_response() {
  return error_response(
      403, "bad_origin",
      "This request does not come from Halley's own page. If it does, name the page's address in "
      "http.origins "
      "or http.public_url, or the proxy in http.trusted_proxies; programs send Authorization: Bearer TOKEN.");
}

Response refused_response(const Refused& refused) {
  const auto answer = [&](int status, std::string_view error) {
    return error_response(status, error, refused.message);
  };
  const std::string wait = std::to_string(refused.retry_after_s ? refused.retry_after_s : 1);
  switch (refused.why) {
    case Refused::Why::kThrottled:
      return answer(429, "too_many_attempts").header("Retry-After", wait);
    case Refused::Why::kBusy:
      return answer(503, "busy").header("Retry-After", wait);
    case Refused::Why::kTooMany:
      return answer(503, "too_many").header("Retry-After", wait);
    case Refused::Why::kDisabled:
      return answer(403, "disabled");
    case Refused::Why::kUnknownNetwork:
      return answer(404, "unknown_network");
    case Refused::Why::kWrong:
      break;
  }
  return unauthorized("wrong_login", refused.message);
}

std::expected<Caller, Response> admit(const Request& request, const ClientInfo& client, Login& login,
                                      const Config& config) {
  const std::string_view authorization = request.header("authorization");
  if (authorization.size() > kScheme.size() &&
      equal_without_case(authorization.substr(0, kScheme.size()), kScheme)) {
    const auto granted = login.by_token(authorization.substr(kScheme.size()), client.address);
    if (!granted) return std::unexpected(refused_response(granted.error()));
    return Caller{granted->user, 0, granted->device};
  }
  const std::string_view cookie = find_cookie(request.header("cookie"), cookie_name(client.https));
  if (cookie.empty())
    return std::unexpected(
        unauthorized("not_logged_in", "Log in with POST /api/login, or send a device's token."));
  const Asker from = asker(request, client, config);
  if (from == Asker::kForeign || (from == Asker::kNobody && request.method == Method::kPost))
    return std::unexpected(foreign_response());
  const auto session = login.by_session(cookie);
  if (!session) return std::unexpected(refused_response(session.error()));
  return Caller{session->user, session->id, 0};
}

}  // namespace halley::gateway
