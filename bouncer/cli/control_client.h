// The command line's end of the control socket. Blocking; for the program that runs one command and ends.
// Thread: its only one.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>

#include "bouncer/cli/control_protocol.h"

namespace halley::cli {

inline constexpr const char* kControlSocket = "halley.sock";  // in the data directory

// nullopt: no daemon listens there. An error: one does, but it cannot be talked to.
std::expected<std::optional<CommandResult>, std::string> ask_daemon(const std::filesystem::path& socket,
                                                                    const ControlRequest& request);

}  // namespace halley::cli
