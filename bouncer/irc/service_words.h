// Passwords that people say to a network's services (NickServ, ChanServ, Q, X...): to be left out of what is
// kept. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace halley::irc {

// `text` as it may be kept when it is said to `target`, each word that may be a password replaced by "****";
// nothing when it holds none. Rather a word too many than a password too few.
std::optional<std::string> without_password(std::string_view target, std::string_view text);

// "NickServ", "nickserv@services.example", "NS", "Q@CServe.quakenet.org", "X"..., or one of them among
// several ("NickServ,bob").
bool is_service(std::string_view target);
// The same of a nick alone, as it stands in a line's source: asked of each line that is said.
bool is_service_nick(std::string_view nick);

// A whole line for a network ("PRIVMSG NickServ :IDENTIFY x", "NS IDENTIFY x", "OPER a b", "JOIN #a key"):
// what of it may be shown, and of what is not, the words that may be passwords.
struct LineSecrets {
  std::string shown;
  std::vector<std::string> hidden;
};
LineSecrets line_secrets(std::string_view line);

}  // namespace halley::irc
