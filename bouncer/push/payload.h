// What is pushed: one IRC line with tags, without CR LF. Source:
// https://github.com/ircv3/ircv3-specifications/pull/471
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bouncer/accounts/ids.h"
#include "bouncer/push/subscription.h"

namespace halley::push {

// A logged line, as storage::Event has it.
struct PushedLine {
  EventId id = 0;
  std::int64_t time_ms = 0;
  std::string_view msgid, tags, text;
};

// For this subscription; cut to what an IRC client takes, and its further tags to what fits into a push.
// `network`: the name of its network, for who has subscribed to all. nullopt: it cannot be told.
std::optional<std::string> line_payload(const PushedLine& line, const Subscription& subscription,
                                        std::string_view network);
// That a notice was read: MARKREAD, from `server`.
std::string read_payload(std::string_view server, std::string_view target, std::int64_t time_ms,
                         const Subscription& subscription, std::string_view network);

}  // namespace halley::push
