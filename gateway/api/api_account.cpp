// POST /api/account: the commands of `/msg *halley`, for a page or program that wants to understand the
// answer. It needs no network: the first one is added by it.
#include <nlohmann/json.hpp>
#include <string>

#include "bouncer/core/user.h"
#include "gateway/api/api.h"
#include "gateway/api/gate.h"
#include "gateway/http/json_body.h"
#include "gateway/http/json_writer.h"

namespace halley::gateway {
namespace {

constexpr std::size_t kMaxCommand =
    std::size_t{40} * 1024;  // bytes; a certificate with its key is among them

Response answer_response(const CommandAnswer& answer) {
  std::string text = "{\"status\":" + std::to_string(answer.status) + ",\"text\":";
  append_json_string(text, answer.text);
  if (!answer.json.empty()) text += ",\"json\":" + answer.json;
  text += "}\n";
  return json_response(200, std::move(text));
}

}  // namespace

void Api::account(const Call& call) {
  auto body = body_of(call);
  if (!body) return call.respond.send(std::move(body.error()));
  const auto line = text_member(*body, "line", kMaxCommand);
  if (!line || line->empty() || line->find('\0') != std::string::npos)
    return call.respond.send(
        error_response(400, "bad_line", "Send {\"line\":...}: a command as /msg *halley takes it."));
  const bool taken = call.caller.user->run_command(
      std::string_view(*line),
      [respond = call.respond](const CommandAnswer& answer) { respond.send(answer_response(answer)); });
  if (!taken) call.respond.send(no_commands_response());
}

}  // namespace halley::gateway
