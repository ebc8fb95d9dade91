// Which of the user's networks a line of a client is for that is shown all of them, and how it reads there:
// the names in it say so ("JOIN #a/libera,#b/oftc" is one line for each). The other half of network_suffix.h.
//
// Pure: what is returned follows from the arguments alone, any thread.
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/downstream/network_suffix.h"
#include "bouncer/irc/message.h"

namespace halley {

struct RoutedLine {
  std::size_t network;  // of those that were given
  std::string line;     // without CR LF, the client's tags before it
};
// Why a line is for no network.
struct Unrouted {
  std::string name;  // that said no network, or none that there is; empty: there was no name at all
  bool channel = false;
  std::string text;  // a sentence for a person
};

// In the order in which the networks are named. A word "/libera" alone names a network for a command that has
// no name to say it with ("MOTD /libera"), and is left out. What is for all - NICK, AWAY, SETNAME, MONITOR C
// - is a line for each. Where there is one network, names need say none.
std::expected<std::vector<RoutedLine>, Unrouted> route_line(std::span<const NamedNetwork> networks,
                                                            const irc::Message& message);

// A WHO as its answers are known by: "WHO #chan %tnf,42". Views of the message.
struct WhoQuestion {
  std::string_view mask, fields, token;  // no fields: it is no WHOX
};
WhoQuestion who_question(const irc::Message& who);
// Is this 354 an answer to a question with these fields?
bool answers_whox(const irc::Message& answer, std::string_view fields, std::string_view token);

}  // namespace halley
