// Passwords that people say to a network's services (NickServ, ChanServ, Q, X...): to be left out of what is
// kept. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace halley::irc {

// `text` as it may be kept when it is said to `target`, each word that may be a password replaced by "****";
// nothing when it holds none. Rather a word too many than a password too few.
std::optional<std::string> without_password(std::string_view target, std::string_view text);

}  // namespace halley::irc
