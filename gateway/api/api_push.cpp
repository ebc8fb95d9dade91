// GET /api/push, POST /api/push, DELETE /api/push/ID.
#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <string>

#include "bouncer/accounts/accounts.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/irc/time_tag.h"
#include "gateway/api/api.h"
#include "gateway/http/json_body.h"

namespace halley::gateway {
namespace {

constexpr std::size_t kLongestKey = 200;  // base64url of 65 bytes has 87 characters

nlohmann::json time_of(std::int64_t time_ms) {
  if (time_ms == 0) return nullptr;
  std::string text;
  irc::append_time(text, time_ms);
  return text;
}

std::string device_name(const Accounts& accounts, UserId user, DeviceId id) {
  for (const storage::DeviceRow* device : accounts.devices(user)) {
    if (device->id == id) return device->name;
  }
  return {};
}

}  // namespace

void Api::pushes(const Call& call) {
  const User& user = *call.caller.user;
  nlohmann::json all = nlohmann::json::array();
  for (const push::Pusher::Shown& one : parts_.pusher.list(user.id())) {
    const Network* network = user.network(one.network);
    const bool here = one.session != 0 ? one.session == call.caller.session
                                       : one.device != 0 && one.device == call.caller.device;
    all.push_back({{"id", one.id},
                   {"endpoint", one.origin},
                   {"network", network ? network->name() : std::string()},
                   {"device", device_name(parts_.accounts, user.id(), one.device)},
                   {"session", one.session},
                   {"here", here},
                   {"markread", one.markread},
                   {"created", time_of(one.created_ms)},
                   {"sent", time_of(one.sent_ms)},
                   {"trouble", one.trouble}});
  }
  const nlohmann::json body{{"vapid", parts_.pusher.public_key()}, {"subscriptions", std::move(all)}};
  call.respond.send(
      json_response(200, body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"));
}

void Api::subscribe(const Call& call) {
  auto body = parse_json_body(call.request);
  if (!body) return call.respond.send(std::move(body.error()));
  const auto endpoint = text_member(*body, "endpoint", push::kMaxEndpoint),
             p256dh = text_member(*body, "p256dh", kLongestKey),
             auth = text_member(*body, "auth", kLongestKey);
  const auto markread = body->find("markread");
  if (!endpoint || !p256dh || !auth || (markread != body->end() && !markread->is_boolean()))
    return call.respond.send(error_response(
        400, "bad_push",
        "Send {\"endpoint\":...,\"p256dh\":...,\"auth\":...}, and \"markread\" if it is false."));
  auto made = push::make_subscription(*endpoint, *p256dh, *auth);
  if (!made) return call.respond.send(error_response(400, "bad_push", made.error() + "."));
  made->user = call.caller.user->id();
  made->session = call.caller.session;
  made->device = call.caller.session != 0 ? 0 : call.caller.device;
  made->markread = markread == body->end() || markread->get<bool>();
  const auto id = parts_.pusher.subscribe(std::move(*made));
  if (id) return call.respond.send(json_response(201, fmt::format("{{\"id\":{}}}\n", *id)));
  if (id.error() == push::Pusher::SubscribeError::kTooMany)
    return call.respond.send(error_response(
        409, "too_many",
        fmt::format("{} subscriptions are the most: remove one.", push::Subscriptions::kMostSubscriptions)));
  call.respond.send(error_response(503, "busy", "The disk is behind: try again later."));
}

void Api::unsubscribe(const Call& call) {
  const std::string& text = call.names.front();
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool number = error == std::errc{} && end == text.data() + text.size();
  if (number && !parts_.pusher.catch_up())
    return call.respond.send(error_response(503, "busy", "The disk is behind: try again later."));
  if (!number || !parts_.pusher.unsubscribe(call.caller.user->id(), id))
    return call.respond.send(error_response(404, "not_found", "There is no subscription of that number."));
  call.respond.send(empty_response(204));
}

}  // namespace halley::gateway
