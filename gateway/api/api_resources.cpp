// Accounts, networks, devices and web logins as resources: each is a command of the command table, with its
// words, its errors and what --json prints of it.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>

#include "bouncer/accounts/rules.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "gateway/api/api.h"
#include "gateway/api/gate.h"
#include "gateway/http/cookies.h"
#include "gateway/http/json_body.h"

namespace halley::gateway {
namespace {

Response bad_body(std::string_view message) {
  return error_response(400, "bad_command", message);
}

bool is_option_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// As a command line has it; nullopt: a list or an object.
std::optional<std::string> word_of(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_integer()) return value.dump();
  if (value.is_null()) return std::string();
  return std::nullopt;
}

// The member `name` as options "name=value", one for each item of a list.
std::expected<void, Response> append_option(std::vector<std::string>& words, const std::string& name,
                                            const nlohmann::json& value) {
  if (!is_option_name(name)) return std::unexpected(bad_body("A member's name is no option's name."));
  for (const auto& item : value.is_array() ? value : nlohmann::json::array({value})) {
    const auto word = word_of(item);
    if (!word)
      return std::unexpected(bad_body(
          fmt::format("\"{}\" is to be text, a whole number, true, false, or a list of texts.", name)));
    words.push_back(fmt::format("{}={}", name, *word));
  }
  return {};
}

// The command line: its words, options, and behind "--" the arguments: first those in the path, then those of
// the body.
std::expected<std::vector<std::string>, Response> words_of(const Call& call, const nlohmann::json& body) {
  std::vector<std::string> words, arguments = call.names;
  for (const auto part : std::views::split(call.command.words, ' '))
    words.emplace_back(part.begin(), part.end());
  if (!call.command.options.empty()) words.emplace_back(call.command.options);
  std::vector<std::string> taken;
  for (const auto part : std::views::split(call.command.arguments, ' ')) {
    std::string name(part.begin(), part.end());
    if (name.empty()) continue;
    if (const auto at = body.find(name); at != body.end()) {
      // No number or true for a name, which would be another name's text.
      if (!at->is_string()) return std::unexpected(bad_body(fmt::format("\"{}\" is to be text.", name)));
      arguments.push_back(at->get<std::string>());
    }
    taken.push_back(std::move(name));
  }
  for (const auto& [name, value] : body.items()) {
    if (std::ranges::find(taken, name) != taken.end()) continue;
    if (auto good = append_option(words, name, value); !good) return std::unexpected(std::move(good.error()));
  }
  words.emplace_back("--");
  std::ranges::move(arguments, std::back_inserter(words));
  return words;
}

Response response_of(const ResourceCommand& command, CommandAnswer answer) {
  if (answer.status == 0) return json_response(command.done, std::move(answer.json) + "\n");
  return error_response(answer.status == 2 ? 400 : 409, answer.status == 2 ? "bad_command" : "refused",
                        answer.text);
}

}  // namespace

// Is there what the path names?
bool Api::knows(const Call& call) const {
  if (call.names.empty()) return true;
  const Accounts& accounts = parts_.accounts;
  const std::string& name = call.names.front();
  const UserId user = call.caller.user->id();
  const bool of_network =
      call.command.words.starts_with("network") || call.command.words.starts_with("buffer");
  if (of_network) return accounts.find_network(user, name) != nullptr;
  if (call.command.words.starts_with("device")) return accounts.find_device(user, name) != nullptr;
  if (call.command.words.starts_with("passkey"))
    return std::ranges::any_of(accounts.passkeys(user),
                               [&](const auto* row) { return std::to_string(row->id) == name; });
  if (call.command.words.starts_with("rule"))
    return std::ranges::any_of(rules_of(*accounts.user(user)),
                               [&](const Rule& rule) { return rule.id() == name; });
  if (call.command.words.starts_with("upload"))
    return parts_.uploads != nullptr && parts_.uploads->find(user, name) != nullptr;
  if (call.command.words.starts_with("user")) return accounts.find_user(name) != nullptr;
  if (call.command.words.starts_with("invite"))
    return std::ranges::any_of(accounts.invitations(),
                               [&](const auto* row) { return std::to_string(row->id) == name; });
  return std::ranges::any_of(accounts.sessions(user),
                             [&](const auto* session) { return std::to_string(session->id) == name; });
}

void Api::run_command(const Call& call, std::vector<std::string> words,
                      std::function<void(Response)> answer) {
  const bool taken = call.caller.user->run_command(words, ProvenBy::kToken,
                                                   [command = &call.command, answer](CommandAnswer result) {
                                                     answer(response_of(*command, std::move(result)));
                                                   });
  if (!taken) answer(no_commands_response());
}

void Api::resource(const Call& call) {
  if (!knows(call)) return call.respond.send(error_response(404, "not_found", "There is none of that name."));
  nlohmann::json body = nlohmann::json::object();
  if (!call.request.body.empty()) {
    auto given = parse_json_body(call.request);
    if (!given) return call.respond.send(std::move(given.error()));
    body = std::move(*given);
  }
  auto words = words_of(call, body);
  if (!words) return call.respond.send(std::move(words.error()));
  run_command(call, std::move(*words),
              [respond = call.respond](Response response) { respond.send(std::move(response)); });
}

// Whoever found an open page must not be able to take the account over.
void Api::set_password(const Call& call) {
  auto body = parse_json_body(call.request);
  if (!body) return call.respond.send(std::move(body.error()));
  const auto current = text_member(*body, "current", kMaxRequestBody),
             next = text_member(*body, "password", kMaxRequestBody);
  if (!current || !next || next->empty())
    return call.respond.send(bad_body("Send {\"current\":...,\"password\":...}."));
  const Principal caller = call.caller;
  parts_.login.authenticate(
      LoginName{.user = caller.user->name(), .network = {}, .device = {}}, *current, call.client.address,
      false,
      [this, alive = std::weak_ptr(alive_), respond = call.respond, client = call.client, next = *next,
       command = &call.command, by_cookie = caller.session != 0,
       agent = std::string(call.request.header("user-agent"))](std::expected<Granted, Refused> granted) {
        if (alive.expired() || !respond.waiting()) return;
        if (!granted) return respond.send(refused_response(granted.error()));
        // A program's token changes no password: who found one would have the account.
        if (!granted->by_password)
          return respond.send(error_response(403, "not_password", "\"current\" is to be the password."));
        const UserId id = granted->user;
        const auto answer = [this, alive, respond, client, agent, by_cookie, id](CommandAnswer result,
                                                                                 const ResourceCommand& row) {
          if (alive.expired()) return;
          if (result.status != 0) return respond.send(response_of(row, std::move(result)));
          if (!by_cookie) return respond.send(empty_response(204));
          // All logins by the old password have ended, this one among them: it goes on under a new name.
          Accounts& accounts = parts_.accounts;
          const std::string token = accounts.open_session(id, agent, client.address);
          accounts.when_saved(id, [respond, cookie = set_cookie(token, client.https)] {
            respond.send(empty_response(204).header("Set-Cookie", cookie));
          });
        };
        if (!parts_.live_user(id)->run_command(
                {"user", "passwd", "password=" + next}, ProvenBy::kPassword,
                [answer, command](CommandAnswer r) { answer(std::move(r), *command); }))
          respond.send(no_commands_response());
      });
}

}  // namespace halley::gateway
