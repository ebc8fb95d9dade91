// GET /api/events, POST /api/commands.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "bouncer/core/device_visits.h"
#include "bouncer/core/user.h"
#include "bouncer/irc/message.h"
#include "gateway/api/api.h"
#include "gateway/api/gate.h"
#include "gateway/events/event_stream.h"
#include "gateway/http/json_body.h"
#include "gateway/http/json_writer.h"
#include "gateway/websocket/handshake.h"
#include "gateway/websocket/irc_socket.h"

namespace halley::gateway {
namespace {

constexpr std::uint64_t kLongestPollS = 25;
constexpr std::size_t kMaxClient = 64;  // bytes of a client's name

std::optional<Transport> wanted_transport(const Call& call, bool upgrade) {
  if (upgrade) return std::ranges::find(kTransports, true, &TransportRow::upgrade)->transport;
  if (const auto name = call.query.find("transport")) return parse_transport(*name);
  return transport_by_accept(call.request.list("accept"));
}

std::string unknown_transport() {
  std::string names;
  for (const TransportRow& row : kTransports) {
    if (!names.empty()) names += &row == &kTransports.back() ? " and " : ", ";
    names += row.name;
  }
  return fmt::format("The transports are {}.", names);
}

std::string not_acceptable() {
  std::string types;
  for (const TransportRow& row : kTransports) {
    if (!row.by_accept) continue;
    if (!types.empty()) types += " or ";
    types += row.type;
  }
  return fmt::format("Let Accept take {}, or name a transport.", types);
}

Response stream_head(const TransportRow& row, const std::string& script_nonce) {
  Response head;
  if (row.scripted) head.script_nonce = script_nonce;
  head.header("Content-Type", row.type);
  head.header("Cache-Control", "no-store, no-transform");
  head.header("X-Accel-Buffering", "no");  // nginx would keep frames back until its buffer is full
  return head;
}

}  // namespace

void Api::events(const Call& call) {
  // An EventSource, a frame and a WebSocket send no header of ours.
  const std::string_view user = call.query.get("user");
  if (!user.empty() && !same_name(user, call.caller.user->name()))
    return call.respond.send(another_user_response());
  const bool upgrade = wants_websocket(call.request);
  const auto transport = wanted_transport(call, upgrade);
  if (!transport && call.query.find("transport"))
    return call.respond.send(error_response(400, "unknown_transport", unknown_transport()));
  if (!transport) return call.respond.send(error_response(406, "not_acceptable", not_acceptable()));
  const TransportRow& row = row_of(*transport);
  if (row.upgrade && !upgrade) return call.respond.send(upgrade_required());
  // A reconnecting EventSource repeats its first address and says in this header how far it got.
  std::string_view place = call.request.header("last-event-id");
  if (place.empty()) place = call.query.get("after");
  const auto after = parse_cursor(place);
  if (!place.empty() && (!after || after->epoch.empty()))
    return call.respond.send(
        error_response(400, "bad_cursor", "A cursor is EPOCH:ID, as the id of a frame."));
  const std::string_view client = call.query.get("client");
  if (client.size() > kMaxClient)
    return call.respond.send(error_response(400, "bad_client", "A client's name has at most 64 bytes."));
  const Principal& caller = call.caller;
  const std::string_view agent = caller.device == 0 ? std::string_view{} : call.request.header("user-agent");
  StreamOwner owner{.user = caller.user->id(),
                    .session = caller.session,
                    .device = caller.device,
                    .address = call.client.address,
                    .client = std::string(client),
                    .agent = std::string(agent.substr(0, DeviceVisits::kMostSoftwareBytes))};
  // A poll that rests is a client already: it only goes on.
  if (row.held && parts_.polls.rests(owner, after)) return events_by_poll(call, std::move(owner), after);
  if (caller.user->clients().size() >= parts_.config.limits.clients_per_user)
    parts_.polls.drop_resting(*caller.user);
  if (caller.user->clients().size() >= parts_.config.limits.clients_per_user)
    return call.respond.send(
        error_response(503, "too_many_clients", "You have too many clients open: close one.")
            .header("Retry-After", "30"));
  if (row.held) return events_by_poll(call, std::move(owner), after);
  Response head = stream_head(row, parts_.hub.script_nonce());
  if (upgrade) {
    auto shaken = shake_hands(call.request);
    if (!shaken) return call.respond.send(std::move(shaken.error()));
    head = std::move(shaken->head);
  }
  call.respond.stream(std::move(head), [&](net::Stream& stream, std::string_view first, bool chunked) {
    auto body = std::make_unique<EventStream>(
        parts_.hub, owner, stream, FrameFormat(*transport, chunked, parts_.hub.script_nonce()), first);
    body->greet(parts_.loop.clock().wall_us() / 1000);
    body->open(*caller.user, after);
    return body;
  });
}

void Api::events_by_poll(const Call& call, StreamOwner owner, const std::optional<Cursor>& after) {
  std::uint64_t wait = kLongestPollS;
  if (const auto text = call.query.find("wait")) {
    const auto seconds = parse_number(*text);
    if (!seconds)
      return call.respond.send(error_response(400, "bad_wait", "wait is a number of seconds, at most 25."));
    wait = std::min(*seconds, kLongestPollS);
  }
  parts_.polls.poll(*call.caller.user, std::move(owner), after, call.respond,
                    parts_.loop.clock().monotonic_ms() + wait * 1000);
}

void Api::irc(const Call& call) {
  static constexpr std::string_view kProtocols[] = {"text.ircv3.net", "binary.ircv3.net"};
  if (!accept_irc_)
    return call.respond.send(error_response(404, "not_found", "There is nothing at this address."));
  if (!wants_websocket(call.request)) return call.respond.send(upgrade_required());
  // It takes a password, but a foreign page shall not even try some in its visitor's name.
  if (initiator(call.request, call.client, parts_.config) == Initiator::kForeign)
    return call.respond.send(foreign_response(call.request));
  auto shaken = shake_hands(call.request, kProtocols);
  if (!shaken) return call.respond.send(std::move(shaken.error()));
  auto agent = std::make_shared<const std::string>(
      call.request.header("user-agent").substr(0, DeviceVisits::kMostSoftwareBytes));
  std::unique_ptr<net::Stream> far_end;
  call.respond.stream(std::move(shaken->head), [&](net::Stream& stream, std::string_view head, bool) {
    auto body = std::make_unique<IrcSocket>(stream, head, shaken->subprotocol != kProtocols[1]);
    far_end = body->far_end();
    return body;
  });
  if (far_end)
    accept_irc_(std::move(far_end), {.address = call.client.address,
                                     .loopback = call.client.local,
                                     .tls = call.client.https,
                                     .cert_fingerprint = {},
                                     .agent = std::move(agent)});
}

void Api::commands(const Call& call) {
  auto body = body_of(call, "seq");
  if (!body) return call.respond.send(std::move(body.error()));
  const auto client = text_member(*body, "client", kMaxClient);
  const auto network = text_member(*body, "network", kMaxClient);
  const auto line = text_member(*body, "line", irc::kMaxLine);
  const auto seq = body->find("seq");
  const bool counted = seq != body->end() && seq->is_number_unsigned() && seq->get<std::uint64_t>() > 0;
  if (!client || client->empty() || !network || !line || !counted)
    return call.respond.send(error_response(
        400, "bad_command", "Send {\"client\",\"seq\",\"network\",\"line\"}; seq counts from 1."));
  // One command is one line: CR or LF inside would be a second one that nobody counted.
  if (line->empty() || line->find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
    return call.respond.send(error_response(400, "bad_line", "The line is empty or holds CR, LF or NUL."));
  User& user = *call.caller.user;
  FrameClient* const stream = parts_.hub.find(user, *client);
  const NumberedCommands::Outcome answer = parts_.commands.run(
      user, stream ? Asker(*stream) : Asker::program(),
      {.client = *client, .seq = seq->get<std::uint64_t>(), .network = *network, .line = *line});
  std::string number = std::to_string(answer.seq);
  switch (answer.kind) {
    case NumberedCommands::Outcome::Kind::kHole:
      return call.respond.send(
          error_response(409, "hole", "Another seq is expected of this client.", ",\"expected\":" + number));
    case NumberedCommands::Outcome::Kind::kNoRoom:
      return call.respond.send(
          error_response(503, "no_room", "The disk or the network is behind; say it again in a moment.")
              .header("Retry-After", "1"));
    case NumberedCommands::Outcome::Kind::kDone:
      break;
  }
  std::string text = "{\"seq\":" + number + ",\"result\":";
  append_json_string(text, answer.result);
  text += "}\n";
  call.respond.send(json_response(200, std::move(text)));
}

}  // namespace halley::gateway
