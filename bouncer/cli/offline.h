// Runs one command on the files themselves, when no daemon holds them. Blocking.
#pragma once

#include "bouncer/cli/control_protocol.h"
#include "bouncer/config/config.h"

namespace halley::cli {

CommandResult run_offline(const Config& config, const ControlRequest& request);

}  // namespace halley::cli
