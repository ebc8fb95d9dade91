// A raw line of IRC as it may be shown to whoever follows a connection: without passwords, tokens and keys.
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "bouncer/irc/service_words.h"

namespace halley {

// `told`: it is a server's (a network's to Halley, Halley's to a client), else what a server is asked. The
// line keeps its tags and source; the hidden words are those that may come back in an answer.
irc::LineSecrets traced_line(std::string_view line, bool told);

// Do both say the same, whatever their tags, sources, colons and suffixes of networks are?
bool says_the_same(std::string_view line, std::string_view other);
// The command and whom it is for; the rest hidden.
std::string without_words(std::string_view line);

}  // namespace halley
