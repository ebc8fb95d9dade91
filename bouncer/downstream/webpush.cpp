// WEBPUSH: a client says where it is reached while it is away.
// Source: https://github.com/ircv3/ircv3-specifications/pull/471, https://soju.im/webpush
#include <string>

#include "bouncer/core/user.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/irc/message.h"
#include "bouncer/push/pusher.h"

namespace halley {
namespace {

constexpr std::string_view kBehind = "The disk is behind; try again later";

constexpr std::size_t kShownOfParameter = 200;  // of a parameter in an error, bytes

void answer_webpush(Downstream& client, std::string_view sub, std::string_view value) {
  client.send(irc::format_line(client.server_name(), "WEBPUSH", {sub, value}));
}

void refuse_webpush(Downstream& client, std::string_view code, const irc::Message& m, std::string_view text) {
  const std::string_view sub = irc::clip_utf8(m.param(0), kShownOfParameter),
                         about = irc::clip_utf8(m.param(1), kShownOfParameter);
  if (sub.empty())
    client.fail("WEBPUSH", code, {}, text);
  else if (about.empty())
    client.fail("WEBPUSH", code, {sub}, text);
  else
    client.fail("WEBPUSH", code, {sub, about}, text);
}

void register_push(Downstream& client, const irc::Message& m) {
  // Keys are written as tags are.
  const auto p256dh = irc::find_tag(m.param(2), "p256dh"), auth = irc::find_tag(m.param(2), "auth");
  if (!p256dh || !auth)
    return refuse_webpush(client, "INVALID_PARAMS", m, "Say WEBPUSH REGISTER endpoint p256dh=...;auth=...");
  auto made =
      push::make_subscription(m.param(1), irc::unescape_tag_value(*p256dh), irc::unescape_tag_value(*auth));
  if (!made) return refuse_webpush(client, "INVALID_PARAMS", m, made.error());
  made->user = client.user()->id();
  made->network = client.view().bound();
  made->device = client.device();
  made->by_password = client.proven_by() == ProvenBy::kPassword;
  made->tags = client.caps().has(irc::Cap::kMessageTags);
  made->time = client.caps().has(irc::Cap::kServerTime);
  const auto id = client.pusher().subscribe(std::move(*made));
  if (id) return answer_webpush(client, "REGISTER", m.param(1));
  if (id.error() == push::Pusher::SubscribeError::kTooMany)
    refuse_webpush(client, "MAX_REGISTRATIONS", m, "There are as many as may be; push list shows them");
  else
    refuse_webpush(client, "INTERNAL_ERROR", m, kBehind);
}

}  // namespace

void handle_webpush(Downstream& client, const irc::Message& m) {
  if (irc::same_command(m.param(0), "REGISTER")) {
    register_push(client, m);
  } else if (irc::same_command(m.param(0), "UNREGISTER") && !m.param(1).empty()) {
    if (!client.pusher().catch_up()) return refuse_webpush(client, "INTERNAL_ERROR", m, kBehind);
    client.pusher().unsubscribe(client.user()->id(), m.param(1));
    answer_webpush(client, "UNREGISTER", m.param(1));
  } else if (irc::same_command(m.param(0), "VAPIDPUBKEY")) {
    answer_webpush(client, "VAPIDPUBKEY", client.pusher().public_key());
  } else {
    refuse_webpush(client, "INVALID_PARAMS", m, "Say REGISTER, UNREGISTER or VAPIDPUBKEY");
  }
}

}  // namespace halley
