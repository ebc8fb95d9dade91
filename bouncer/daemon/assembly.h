// The daemon as a whole: everything made in the order in which it is needed, and let go in the opposite one.
//
// Thread: the one that calls; it becomes the loop's.
#pragma once

#include "bouncer/config/config_file.h"

namespace halley {

// `halley serve`: runs until SIGTERM or SIGINT. 0: stopped as asked; 1: could not start, which the log says.
int serve(const LoadedConfig& loaded, const ConfigSource& source);

}  // namespace halley
