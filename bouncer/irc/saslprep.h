// SASLprep (RFC 4013): accounts and passwords in the one spelling that both sides hash. Pure; any thread.
//
// Done are: spaces, what is mapped to nothing, the composition of Latin, Greek and Cyrillic letters with
// their marks, fullwidth letters and the few compatibility characters that keyboards have, and all that is
// forbidden. Other scripts and compatibility characters pass as they are (keyboards give them composed), and
// the rule about mixed directions is not applied: a password that it would refuse is used as it is.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace halley::irc {

// nullopt: not UTF-8, or a character (a control, a noncharacter...) that cannot stand in a name or password;
// or nothing is left of it.
std::optional<std::string> saslprep(std::string_view text);

}  // namespace halley::irc
