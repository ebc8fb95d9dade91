// import-znc, import-soju, import-thelounge and import-logs: what other programs keep, into the files of a
// Halley that does not run. Blocking.
#pragma once

#include "bouncer/cli/command.h"

namespace halley::cli {

// `parsed`: a line of one of these commands.
CommandResult run_foreign_import(const Config& config, const ParsedCommand& parsed);

}  // namespace halley::cli
