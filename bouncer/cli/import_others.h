// import-znc, import-soju, import-thelounge and import-logs: what other programs keep, into the files of a
// Halley that does not run. Blocking. Thread: the program's only one.
#pragma once

#include "bouncer/cli/command.h"

namespace halley::cli {

// REQUIRES: `parsed` is a line of one of these commands.
CommandResult run_foreign_import(const Config& config, const ParsedCommand& parsed);

}  // namespace halley::cli
