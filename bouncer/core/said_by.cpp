#include "bouncer/core/said_by.h"

#include <string_view>
#include <utility>

#include "bouncer/irc/message.h"

namespace halley {

storage::LineFilter said_by(std::string nick, irc::CaseMapping mapping, std::uint32_t kinds) {
  return [nick = std::move(nick), mapping, kinds](std::uint8_t kind, std::string_view line) {
    if (kind >= 32 || ((kinds >> kind) & 1U) == 0) return false;
    if (nick.empty()) return true;
    const auto message = irc::parse(line);
    return message && irc::equal(mapping, irc::parse_prefix(message->source).nick, nick);
  };
}

}  // namespace halley
