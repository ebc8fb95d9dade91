// Asking a person for a password at the terminal, without showing it. Blocking. Thread: the program's only
// one.
#pragma once

#include <expected>
#include <string>

namespace halley::cli {

// Is there a person at standard input?
bool at_terminal();
// REQUIRES (both): at_terminal().
// Asks a question whose answer is "yes" or anything else.
bool prompt_yes(const std::string& question);
// Asks twice and compares.
std::expected<std::string, std::string> prompt_new_password(const std::string& user);

}  // namespace halley::cli
