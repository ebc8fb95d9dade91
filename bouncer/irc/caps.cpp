#include "bouncer/irc/caps.h"

#include <algorithm>
#include <array>
#include <ranges>

namespace halley::irc {
namespace {

struct CapRow {
  Cap cap;
  std::string_view name;
  unsigned use = 0;                // cap_use
  std::string_view commands = {};  // lines of these go only to who has it; between spaces
};

constexpr std::array kCaps = {
    CapRow{.cap = Cap::kMessageTags,
           .name = "message-tags",
           .use = cap_use::kOffered | cap_use::kWanted,
           .commands = "TAGMSG"},
    CapRow{.cap = Cap::kServerTime, .name = "server-time", .use = cap_use::kOffered | cap_use::kWanted},
    CapRow{.cap = Cap::kBatch, .name = "batch", .use = cap_use::kOffered | cap_use::kWanted},
    CapRow{.cap = Cap::kLabeledResponse,
           .name = "labeled-response",
           .use = cap_use::kOffered | cap_use::kWanted},
    CapRow{.cap = Cap::kEchoMessage, .name = "echo-message", .use = cap_use::kOffered | cap_use::kWanted},
    CapRow{.cap = Cap::kCapNotify, .name = "cap-notify", .use = cap_use::kOffered | cap_use::kWanted},
    CapRow{.cap = Cap::kSasl, .name = "sasl", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kMultiPrefix, .name = "multi-prefix", .use = cap_use::kOffered | cap_use::kWanted},
    CapRow{.cap = Cap::kUserhostInNames,
           .name = "userhost-in-names",
           .use = cap_use::kOffered | cap_use::kWanted},
    CapRow{.cap = Cap::kExtendedJoin, .name = "extended-join", .use = cap_use::kOffered | cap_use::kWanted},
    CapRow{.cap = Cap::kAccountNotify,
           .name = "account-notify",
           .use = cap_use::kPassedOn | cap_use::kWanted,
           .commands = "ACCOUNT"},
    CapRow{.cap = Cap::kAccountTag, .name = "account-tag", .use = cap_use::kPassedOn | cap_use::kWanted},
    CapRow{.cap = Cap::kAwayNotify,
           .name = "away-notify",
           .use = cap_use::kPassedOn | cap_use::kWanted,
           .commands = "AWAY"},
    CapRow{.cap = Cap::kChghost,
           .name = "chghost",
           .use = cap_use::kPassedOn | cap_use::kWanted,
           .commands = "CHGHOST"},
    CapRow{.cap = Cap::kSetname,
           .name = "setname",
           .use = cap_use::kPassedOn | cap_use::kWanted,
           .commands = "SETNAME"},
    CapRow{.cap = Cap::kInviteNotify, .name = "invite-notify", .use = cap_use::kPassedOn | cap_use::kWanted},
    CapRow{.cap = Cap::kExtendedMonitor,
           .name = "extended-monitor",
           .use = cap_use::kPassedOn | cap_use::kWanted},
    CapRow{.cap = Cap::kStandardReplies,
           .name = "standard-replies",
           .use = cap_use::kOffered | cap_use::kWanted,
           .commands = "FAIL WARN NOTE"},
    CapRow{.cap = Cap::kNoImplicitNames, .name = "no-implicit-names", .use = cap_use::kOffered},
    CapRow{
        .cap = Cap::kChathistory, .name = "draft/chathistory", .use = cap_use::kOffered | cap_use::kWanted},
    CapRow{.cap = Cap::kEventPlayback, .name = "draft/event-playback", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kReadMarker,
           .name = "draft/read-marker",
           .use = cap_use::kOffered,
           .commands = "MARKREAD"},
    CapRow{.cap = Cap::kMessageRedaction,
           .name = "draft/message-redaction",
           .use = cap_use::kPassedOn | cap_use::kWanted,
           .commands = "REDACT"},
    CapRow{.cap = Cap::kPreAway, .name = "draft/pre-away", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kBouncerNetworks, .name = "soju.im/bouncer-networks", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kBouncerNetworksNotify,
           .name = "soju.im/bouncer-networks-notify",
           .use = cap_use::kOffered},
    CapRow{.cap = Cap::kSearch, .name = "soju.im/search", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kSojuWebpush, .name = "soju.im/webpush", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kWebpush, .name = "draft/webpush", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kSelfMessage, .name = "znc.in/self-message", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kZncPlayback, .name = "znc.in/playback", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kSojuRead, .name = "soju.im/read", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kDraftNoImplicitNames, .name = "draft/no-implicit-names", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kSojuNoImplicitNames, .name = "soju.im/no-implicit-names", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kExtendedIsupport, .name = "draft/extended-isupport", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kChannelRename,
           .name = "draft/channel-rename",
           .use = cap_use::kOffered | cap_use::kWanted},
    CapRow{.cap = Cap::kAccountRegistration,
           .name = "draft/account-registration",
           .use = cap_use::kPassedOn | cap_use::kWanted},
    CapRow{.cap = Cap::kMetadata, .name = "draft/metadata-2", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kMultiline, .name = "draft/multiline", .use = cap_use::kOffered | cap_use::kWanted},
    CapRow{.cap = Cap::kWhoami, .name = "draft/whoami", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kPersistence, .name = "draft/persistence", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kClientCert, .name = "soju.im/client-cert", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kConsumer, .name = "causal.agency/consumer", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kPassive, .name = "causal.agency/passive", .use = cap_use::kOffered},
    CapRow{.cap = Cap::kAccountRequired, .name = "soju.im/account-required", .use = cap_use::kTold},
    CapRow{.cap = Cap::kSts, .name = "sts"},
};
static_assert(kCaps.size() == kCapCount);
static_assert(std::ranges::all_of(std::views::iota(std::size_t{0}, kCapCount),
                                  [](std::size_t i) { return kCaps[i].cap == static_cast<Cap>(i); }),
              "in the order of the enumeration");

// Looked at for each line and client: only the rows that have any.
constexpr std::size_t kNeeded = static_cast<std::size_t>(
    std::ranges::count_if(kCaps, [](const CapRow& row) { return !row.commands.empty(); }));
constexpr auto kNeeds = [] {
  std::array<CapRow, kNeeded> needs{};
  std::ranges::copy_if(kCaps, needs.begin(), [](const CapRow& row) { return !row.commands.empty(); });
  return needs;
}();

constexpr bool has_word(std::string_view words, std::string_view word) {
  for (std::size_t at = 0; (at = words.find(word, at)) != std::string_view::npos; at += word.size()) {
    const std::size_t end = at + word.size();
    if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' ')) return true;
  }
  return false;
}

}  // namespace

std::optional<Cap> find_cap(std::string_view name) {
  const auto row = std::ranges::find(kCaps, name, &CapRow::name);
  if (row == kCaps.end()) return std::nullopt;
  return row->cap;
}

std::string_view name(Cap cap) {
  return kCaps[static_cast<std::size_t>(cap)].name;
}

CapSet caps_for(unsigned use) {
  CapSet caps;
  for (const CapRow& row : kCaps)
    if ((row.use & use) != 0) caps.add(row.cap);
  return caps;
}

std::optional<Cap> needed_cap(std::string_view command) {
  if (command.empty()) return std::nullopt;
  const auto row =
      std::ranges::find_if(kNeeds, [&](const CapRow& needed) { return has_word(needed.commands, command); });
  if (row == kNeeds.end()) return std::nullopt;
  return row->cap;
}

}  // namespace halley::irc
