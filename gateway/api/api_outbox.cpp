// GET /api/outbox, POST /api/outbox.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/irc/time_tag.h"
#include "gateway/api/api.h"
#include "gateway/http/json_body.h"
#include "gateway/http/json_writer.h"

namespace halley::gateway {
namespace {

constexpr std::size_t kLongestWord = 16;

void append_waiting(std::string& out, const std::string& network, const Outbox::Shown& line) {
  out += fmt::format("{{\"id\":{},\"network\":", line.id);
  append_json_string(out, network);
  out += fmt::format(",\"state\":\"{}\",\"command\":\"{}\",\"time\":\"", line.state,
                     line.notice ? "NOTICE" : "PRIVMSG");
  irc::append_time(out, line.time_ms);
  out += "\",\"target\":";
  append_json_string(out, line.target);
  out += ",\"text\":";
  append_json_string(out, line.text);
  if (line.seq != 0) {
    out += ",\"client\":";
    append_json_string(out, line.client);
    out += fmt::format(",\"seq\":{}", line.seq);
  }
  out += '}';
}

}  // namespace

void Api::outbox(const Call& call) {
  std::string body = "{\"lines\":[";
  bool first = true;
  for (const auto& network : call.caller.user->networks()) {
    for (const Outbox::Shown& line : network->outbox().list()) {
      if (!first) body += ',';
      first = false;
      append_waiting(body, network->name(), line);
    }
  }
  body += "]}\n";
  call.respond.send(json_response(200, std::move(body)));
}

void Api::change_outbox(const Call& call) {
  auto body = parse_json_body(call.request);
  if (!body) return call.respond.send(std::move(body.error()));
  const auto what = text_member(*body, "do", kLongestWord);
  const auto id = body->find("id");
  if (id == body->end() || !id->is_number_unsigned() || (what != "cancel" && what != "send"))
    return call.respond.send(
        error_response(400, "bad_outbox", "Send {\"id\":...,\"do\":\"cancel\"} or \"send\"."));
  const auto number = id->get<std::uint64_t>();
  Outbox* outbox = call.caller.user->outbox_with(number);
  if (!outbox) return call.respond.send(error_response(404, "unknown_line", "No line of that number waits."));
  const auto done = what == "cancel" ? outbox->cancel(number) : outbox->send_again(number);
  if (!done) return call.respond.send(error_response(409, "too_late", done.error()));
  call.respond.send(empty_response(204));
}

}  // namespace halley::gateway
