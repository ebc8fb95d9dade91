// CTCP inside PRIVMSG and NOTICE. Source: https://modern.ircdocs.horse/ctcp
#pragma once
#include <optional>
#include <string_view>

namespace halley::irc {

struct Ctcp {
  std::string_view command, params;
};
// The closing \x01 may be missing, as many clients leave it out.
std::optional<Ctcp> parse_ctcp(std::string_view text);

}  // namespace halley::irc
