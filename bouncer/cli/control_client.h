// The command line's end of the control socket. Blocking; for the program that runs one command and ends.
// Thread: its only one.
#pragma once

#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "bouncer/cli/control_protocol.h"

namespace halley::cli {

inline constexpr const char* kControlSocket = "halley.sock";  // in the data directory

// What comes before the answer of a command that goes on. False: nobody wants more of it.
using OnPiece = std::function<bool(const nlohmann::json& piece)>;

// nullopt: no daemon listens there. An error: one does, but it cannot be talked to. `on_piece` may be null:
// then such a command is not asked for. So may `on_progress`; else the request is one that asks for it.
std::expected<std::optional<CommandResult>, std::string> ask_daemon(
    const std::filesystem::path& socket, const ControlRequest& request, const OnPiece& on_piece = nullptr,
    const storage::OnProgress& on_progress = {});

}  // namespace halley::cli
