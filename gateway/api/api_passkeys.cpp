// POST /api/login/challenge, /api/login/passkey, /api/passkeys/challenge, /api/passkeys: what a page asks the
// browser for, and what that answers. The former has the form that WebAuthn gives it in JSON (Level 3,
// section 5.1.8).
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "bouncer/core/user.h"
#include "bouncer/net/origin.h"
#include "bouncer/push/base64url.h"
#include "gateway/api/api.h"
#include "gateway/api/gate.h"
#include "gateway/http/cookies.h"
#include "gateway/http/json_body.h"

namespace halley::gateway {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxPasskeyText = 4096;  // bytes in base64url; what they stand for has bounds, too
constexpr std::size_t kMaxBrowserName = 64;
constexpr std::size_t kMaxPasskeyName = 256;  // of a passkey before its own bound, of a user

// The best first: browsers take the first that the device can do.
constexpr std::array kAlgorithms{CoseAlgorithm::kEs256, CoseAlgorithm::kEdDsa, CoseAlgorithm::kRs256};

// Whose page asks, in which browser. A program has neither, and no passkey.
std::expected<Passkeys::Visit, Response> visit_of(const Call& call, const Config& config) {
  if (initiator(call.request, call.client, config) == Initiator::kForeign)
    return std::unexpected(foreign_response(call.request));
  const std::string_view said = call.request.header("origin");
  const auto origin = net::Origin::parse(said);
  if (said.empty() || !origin)
    return std::unexpected(error_response(
        400, "no_origin", "Passkeys are for browsers, which say whose page asks: there is no Origin here."));
  std::string_view browser = find_cookie(call.request, browser_cookie_name(call.client.https));
  if (browser.size() > kMaxBrowserName) browser = {};
  return Passkeys::Visit{.origin = std::string(said),
                         .host = origin->host,
                         .browser = std::string(browser),
                         .address = call.client.address};
}

Response challenge_response(const json& options, const Passkeys::Visit& visit, bool https) {
  return json_response(200, options.dump(-1, ' ', false, json::error_handler_t::replace) + "\n")
      .header("Set-Cookie", set_browser_cookie(visit.browser, https));
}

json creation_options(const Passkeys::Creation& made, const Passkeys::Visit& visit, const std::string& user) {
  json known = json::array(), algorithms = json::array();
  for (const std::string& id : made.known)
    known.push_back({{"type", "public-key"}, {"id", push::base64url_encode(id)}});
  for (const CoseAlgorithm each : kAlgorithms)
    algorithms.push_back({{"type", "public-key"}, {"alg", static_cast<std::int32_t>(each)}});
  return {{"challenge", made.challenge},
          {"rp", {{"id", visit.host}, {"name", "Halley"}}},
          {"user", {{"id", push::base64url_encode(made.handle)}, {"name", user}, {"displayName", user}}},
          {"pubKeyCredParams", std::move(algorithms)},
          {"timeout", Passkeys::kChallengeMs},
          {"excludeCredentials", std::move(known)},
          // One that the device finds by itself: whose passkeys there are is then told to nobody.
          {"authenticatorSelection",
           {{"residentKey", "required"}, {"requireResidentKey", true}, {"userVerification", "required"}}},
          {"attestation", "none"}};
}

// Bytes in base64url; nullopt: absent, or none.
std::optional<std::string> bytes_member(const json& body, const char* name) {
  const auto text = text_member(body, name, kMaxPasskeyText);
  return text ? push::base64url_decode(*text) : std::nullopt;
}

std::optional<Passkeys::Made> made_of(const json& body) {
  auto name = text_member(body, "name", kMaxPasskeyName);
  auto client = bytes_member(body, "clientDataJSON"), data = bytes_member(body, "authenticatorData"),
       key = bytes_member(body, "publicKey");
  const auto algorithm = body.find("publicKeyAlgorithm");
  if (!name || !client || !data || !key || algorithm == body.end() || !algorithm->is_number_integer())
    return std::nullopt;
  return Passkeys::Made{.name = std::move(*name),
                        .client_data = std::move(*client),
                        .authenticator_data = std::move(*data),
                        .public_key = std::move(*key),
                        .algorithm = algorithm->get<std::int32_t>()};
}

std::optional<Passkeys::Assertion> assertion_of(const json& body) {
  auto id = bytes_member(body, "id"), client = bytes_member(body, "clientDataJSON"),
       data = bytes_member(body, "authenticatorData"), signature = bytes_member(body, "signature");
  // Absent, or null, as browsers say it of a device that keeps none.
  const bool handled = body.contains("userHandle") && !body["userHandle"].is_null();
  auto handle = handled ? bytes_member(body, "userHandle") : std::string();
  auto name = body.contains("username") ? text_member(body, "username", kMaxPasskeyName) : std::string();
  if (!id || !client || !data || !signature || !handle || !name) return std::nullopt;
  return Passkeys::Assertion{.credential_id = std::move(*id),
                             .handle = std::move(*handle),
                             .client_data = std::move(*client),
                             .authenticator_data = std::move(*data),
                             .signature = std::move(*signature),
                             .user_name = std::move(*name)};
}

}  // namespace

void Api::login_challenge(const Call& call) {
  auto visit = visit_of(call, parts_.config);
  if (!visit) return call.respond.send(std::move(visit.error()));
  parts_.passkeys.name_browser(*visit);
  const json options{{"challenge", parts_.passkeys.begin_login(*visit)},
                     {"rpId", visit->host},
                     {"timeout", Passkeys::kChallengeMs},
                     {"allowCredentials", json::array()},
                     {"userVerification", "required"}};
  call.respond.send(challenge_response(options, *visit, call.client.https));
}

void Api::passkey_login(const Call& call) {
  auto visit = visit_of(call, parts_.config);
  if (!visit) return call.respond.send(std::move(visit.error()));
  auto body = parse_json_body(call.request);
  if (!body) return call.respond.send(std::move(body.error()));
  const auto assertion = assertion_of(*body);
  if (!assertion)
    return call.respond.send(error_response(400, "bad_login",
                                            "Send {\"id\":...,\"clientDataJSON\":...,"
                                            "\"authenticatorData\":...,\"signature\":...}, in base64url, and "
                                            "\"userHandle\" and \"username\" where there are any."));
  const auto user = parts_.passkeys.finish_login(*visit, *assertion);
  if (!user) return call.respond.send(refused_response(user.error()));
  let_in(visitor_of(call), *user);
}

// Whoever found an open page must not be able to come back by a passkey of their own.
void Api::passkey_challenge(const Call& call) {
  auto visit = visit_of(call, parts_.config);
  if (!visit) return call.respond.send(std::move(visit.error()));
  auto body = parse_json_body(call.request);
  if (!body) return call.respond.send(std::move(body.error()));
  const auto current = text_member(*body, "current", kMaxRequestBody);
  if (!current) return call.respond.send(error_response(400, "bad_passkey", "Send {\"current\":...}."));
  parts_.passkeys.name_browser(*visit);
  parts_.login.authenticate(
      LoginName{.user = call.caller.user->name(), .network = {}, .device = {}}, *current, call.client.address,
      false,
      [this, alive = std::weak_ptr(alive_), respond = call.respond, visit = std::move(*visit),
       https = call.client.https](const std::expected<Granted, Refused>& granted) {
        if (alive.expired() || !respond.waiting()) return;
        if (!granted) return respond.send(refused_response(granted.error()));
        // A program's token makes no passkey: who found one would have the account.
        if (!granted->by_password)
          return respond.send(error_response(403, "not_password", "\"current\" is to be the password."));
        const auto made = parts_.passkeys.begin_creation(granted->user, visit);
        const std::string name = parts_.accounts.user(granted->user)->name;
        respond.send(challenge_response(creation_options(made, visit, name), visit, https));
      });
}

void Api::add_passkey(const Call& call) {
  auto visit = visit_of(call, parts_.config);
  if (!visit) return call.respond.send(std::move(visit.error()));
  auto body = parse_json_body(call.request);
  if (!body) return call.respond.send(std::move(body.error()));
  auto made = made_of(*body);
  if (!made)
    return call.respond.send(error_response(
        400, "bad_passkey",
        "Send {\"name\":...,\"clientDataJSON\":...,\"authenticatorData\":...,\"publicKey\":...}, all but the "
        "name in base64url, and the number \"publicKeyAlgorithm\"."));
  parts_.passkeys.finish_creation(call.caller.user->id(), *visit, std::move(*made),
                                  [respond = call.respond](const std::expected<std::uint64_t, Refused>& id) {
                                    if (!id) return respond.send(refused_response(id.error()));
                                    respond.send(json_response(201, fmt::format("{{\"id\":{}}}\n", *id)));
                                  });
}

}  // namespace halley::gateway
