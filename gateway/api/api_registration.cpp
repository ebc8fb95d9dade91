// POST /api/reset, POST /api/register: for those who have no login, but a code that somebody gave them.
#include <nlohmann/json.hpp>

#include "gateway/api/api.h"
#include "gateway/api/gate.h"
#include "gateway/http/json_body.h"

namespace halley::gateway {
namespace {

constexpr std::size_t kMaxTicketCode = 256;  // bytes
constexpr std::size_t kMaxNewName = 256;

}  // namespace

void Api::reset_password(const Call& call) {
  if (initiator(call.request, call.client, parts_.config) == Initiator::kForeign)
    return call.respond.send(foreign_response(call.request));
  auto body = body_of(call);
  if (!body) return call.respond.send(std::move(body.error()));
  auto code = text_member(*body, "code", kMaxTicketCode);
  auto password = text_member(*body, "password", kMaxRequestBody);
  if (!code || !password || code->empty())
    return call.respond.send(error_response(400, "bad_reset", "Send {\"code\":...,\"password\":...}."));
  parts_.enrolment.reset_password({.code = std::move(*code), .password = std::move(*password)},
                                  call.client.address, welcome(call, "a reset link"));
}

void Api::register_user(const Call& call) {
  if (initiator(call.request, call.client, parts_.config) == Initiator::kForeign)
    return call.respond.send(foreign_response(call.request));
  auto body = body_of(call);
  if (!body) return call.respond.send(std::move(body.error()));
  auto code = text_member(*body, "code", kMaxTicketCode);
  auto username = text_member(*body, "username", kMaxNewName);
  auto password = text_member(*body, "password", kMaxRequestBody);
  if (!code || !username || !password || code->empty())
    return call.respond.send(
        error_response(400, "bad_registration", "Send {\"code\":...,\"username\":...,\"password\":...}."));
  parts_.enrolment.register_user(
      {.code = std::move(*code), .name = std::move(*username), .password = std::move(*password)},
      call.client.address, welcome(call, "an invitation"));
}

// What was asked for is done, though nobody may wait any more: only the login is then left out.
Enrolment::Done Api::welcome(const Call& call, std::string_view by) {
  return [this, by = std::string(by), alive = std::weak_ptr(alive_),
          visitor = visitor_of(call)](const std::expected<UserId, Refused>& result) {
    if (alive.expired() || !visitor.respond.waiting()) return;
    if (!result) return visitor.respond.send(refused_response(result.error()));
    if (const auto* row = parts_.accounts.user(*result)) {
      parts_.accounts.audit().about(
          *result,
          {.kind = AuditEntry::What::kLogin, .who = row->name, .from = visitor.client.address, .what = by});
    }
    let_in(visitor, *result);
  };
}

}  // namespace halley::gateway
