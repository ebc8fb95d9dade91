// What people typed, taken out of what is answered to it: whoever mistypes a command that takes a password
// must not read it back, as other programs may then keep it. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bouncer/cli/command.h"

namespace halley::cli {

// May these words hold a secret: does the command take one, or is it none at all?
bool may_hold_secret(const std::vector<std::string>& args);

// `text` with each of `args` in it that stands by itself replaced by "****", and so the values of name=value.
// Words of the command table stay, and those of `open` (names that the caller's own things have).
std::string without_typed(std::string text, const std::vector<std::string>& args,
                          const std::vector<std::string_view>& open);

}  // namespace halley::cli
