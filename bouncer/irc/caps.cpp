#include "bouncer/irc/caps.h"

#include <array>

namespace halley::irc {
namespace {

// In step with enum Cap.
constexpr std::array<std::string_view, kCapCount> kNames{
    "message-tags",
    "server-time",
    "batch",
    "labeled-response",
    "echo-message",
    "cap-notify",
    "sasl",
    "multi-prefix",
    "userhost-in-names",
    "extended-join",
    "account-notify",
    "account-tag",
    "away-notify",
    "chghost",
    "setname",
    "invite-notify",
    "extended-monitor",
    "standard-replies",
    "no-implicit-names",
    "draft/chathistory",
    "draft/event-playback",
    "draft/read-marker",
    "draft/message-redaction",
    "draft/pre-away",
    "soju.im/bouncer-networks",
    "soju.im/bouncer-networks-notify",
    "soju.im/search",
    "soju.im/webpush",
    "draft/webpush",
    "znc.in/self-message",
    "znc.in/playback",
    "soju.im/read",
    "draft/no-implicit-names",
    "soju.im/no-implicit-names",
    "draft/extended-isupport",
    "draft/channel-rename",
    "draft/account-registration",
    "draft/metadata-2",
    "sts",
};
static_assert(!kNames.back().empty(), "a name for each capability");

}  // namespace

std::optional<Cap> find_cap(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<Cap>(i);
  return std::nullopt;
}

std::string_view name(Cap cap) {
  return kNames[static_cast<std::size_t>(cap)];
}

}  // namespace halley::irc
