#include "gateway/api/gate.h"

#include <string>

#include "bouncer/core/user.h"
#include "gateway/http/cookies.h"
#include "gateway/http/query.h"

namespace halley::gateway {
namespace {

constexpr std::string_view kScheme = "Bearer ";
constexpr std::size_t kShown = 200;  // bytes of a header that an answer repeats

bool reads(Method method) {
  return method == Method::kGet || method == Method::kHead;
}

Response unauthorized(std::string_view error, std::string_view message) {
  return error_response(401, error, message).header("WWW-Authenticate", "Bearer realm=\"halley\"");
}

// By a trusted proxy's word; empty: it says nothing, or two things, of which one may be nothing.
std::string_view named_by_proxy(const Request& request, const ClientInfo& client, const Config& config) {
  if (config.http.user_header.empty() || !client.by_proxy) return {};
  const Header* said = nullptr;
  for (const Header& header : request.headers) {
    if (!equal_without_case(header.name, config.http.user_header)) continue;
    if (said != nullptr) return {};
    said = &header;
  }
  return said == nullptr ? std::string_view{} : std::string_view(said->value);
}

}  // namespace

std::string_view token_of(const Request& request) {
  const std::string_view authorization = request.header("authorization");
  const bool bearer = equal_without_case(authorization.substr(0, kScheme.size()), kScheme);
  return bearer ? authorization.substr(kScheme.size()) : std::string_view{};
}

bool is_anothers(const Request& request, bool form, const User& user) {
  const std::string_view named = request.header("halley-user");
  if (!named.empty()) return !same_name(named, user.name());
  const auto fields = form ? Query::parse(request.body) : std::nullopt;
  const std::string_view field = fields ? fields->get("user") : std::string_view{};
  return !field.empty() && !same_name(field, user.name());
}

Response another_user_response() {
  return error_response(
      409, "other_user",
      "Somebody else has logged in here since, or the user has another name now: nothing was "
      "done. Open the page anew.");
}

Response foreign_response(const Request& request) {
  const std::string_view origin = request.header("origin");
  if (origin.empty() && request.header("sec-fetch-site").empty())
    return error_response(403, "bad_origin",
                          "This request does not say whose page it comes from: it has no Origin. Browsers "
                          "send one with what changes "
                          "something. A program that goes by a cookie sends Origin: and the address of "
                          "Halley's page; better, it sends "
                          "Authorization: Bearer TOKEN, and needs neither.");
  const std::string from = origin.empty() ? std::string("a page of another site")
                                          : "the page " + std::string(origin.substr(0, kShown));
  return error_response(
      403, "bad_origin",
      "This request comes from " + from + ", but was made to the host " +
          std::string(request.header("host").substr(0, kShown)) +
          ". If that page is Halley's own, a proxy between them changes the Host: have it pass Host and "
          "X-Forwarded-For as they are (nginx: proxy_set_header Host $http_host; proxy_set_header "
          "X-Forwarded-For $proxy_add_x_forwarded_for;), or name the page's address in http.public_url or "
          "http.origins. Programs send Authorization: Bearer TOKEN.");
}

Response unknown_host_response(const Request& request) {
  return error_response(
      421, "unknown_host",
      "This server does not know itself as \"" + std::string(request.header("host").substr(0, kShown)) +
          "\". If it is, name the page's address in http.public_url or http.origins, or, where "
          "a proxy was asked, the proxy's address in http.trusted_proxies and have it send "
          "X-Forwarded-For.");
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
    case Refused::Why::kBadCode:
      return answer(403, "bad_code");
    case Refused::Why::kUnfit:
      return answer(409, "refused");
    case Refused::Why::kWrong:
      break;
  }
  return unauthorized("wrong_login", refused.message);
}

std::expected<Principal, Response> admit(const Request& request, const ClientInfo& client, Login& login,
                                         const LiveUser& live_user, const Config& config) {
  if (const std::string_view token = token_of(request); !token.empty()) {
    const auto granted = login.by_token(token, client.address);
    if (!granted) return std::unexpected(refused_response(granted.error()));
    return Principal{.user = live_user(granted->user), .device = granted->device};
  }
  const std::string_view cookie = find_cookie(request, cookie_name(client.https));
  if (cookie.empty())
    return std::unexpected(
        unauthorized("not_logged_in", "Log in with POST /api/login, or send a device's token."));
  const Initiator from = initiator(request, client, config);
  if (from == Initiator::kForeign || (from == Initiator::kUnsaid && !reads(request.method)))
    return std::unexpected(foreign_response(request));
  const auto session = login.by_session(cookie);
  if (!session) return std::unexpected(refused_response(session.error()));
  User* const user = live_user(session->user);
  // Somebody else has logged in with the proxy since.
  const std::string_view name = named_by_proxy(request, client, config);
  if (!name.empty() && !same_name(name, user->name()))
    return std::unexpected(unauthorized("not_logged_in", "This login is another user's than the proxy's."));
  return Principal{.user = user, .session = session->id};
}

std::expected<Principal, Response> admit_by_proxy(const Request& request, const ClientInfo& client,
                                                  const Accounts& accounts, const LiveUser& live_user,
                                                  const Config& config) {
  const std::string_view name = named_by_proxy(request, client, config);
  if (name.empty())
    return std::unexpected(
        unauthorized("not_logged_in", "Log in with POST /api/login, or send a device's token."));
  if (initiator(request, client, config) == Initiator::kForeign)
    return std::unexpected(foreign_response(request));
  const storage::UserRow* row = accounts.find_user(name);
  if (row == nullptr)
    return std::unexpected(unauthorized(
        "unknown_user", "The proxy has logged in somebody who has no account here: halley user add NAME."));
  User* const user = live_user(row->id);
  if (user == nullptr)
    return std::unexpected(error_response(403, "disabled", "This account has been disabled."));
  return Principal{.user = user};
}

Response no_commands_response() {
  return error_response(503, "no_commands", "This server takes no commands.");
}

}  // namespace halley::gateway
