// Runs one command on the files themselves, when no daemon holds them. Blocking. Thread: the program's only
// one.
#pragma once

#include <filesystem>
#include <string>

#include "bouncer/cli/control_protocol.h"
#include "bouncer/config/config.h"

namespace halley::cli {

// What stands against working on these files; empty: nothing.
std::string foreign_owner(const std::filesystem::path& directory);

// `on_progress` may be null.
CommandResult run_offline(const Config& config, const ControlRequest& request,
                          const storage::OnProgress& on_progress = {});

// Makes the user of an export. Refused while a daemon has the files.
CommandResult run_import(const Config& config, const std::string& user, const std::filesystem::path& file);

}  // namespace halley::cli
