// MARKREAD: how far the user has read in a buffer, on any of their clients.
// Source: https://ircv3.net/specs/extensions/read-marker
//
// Thread: the loop's. Nothing is kept here: the marks are the User's.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "bouncer/commands/client_command.h"

namespace halley {

// A standard reply: FAIL MARKREAD code context :text.
struct MarkreadRefused {
  std::string_view code;
  std::string context;  // empty: none
  std::string text;
};

// Answers the client that asks how far a buffer was read; one that was read further is told to all of the
// user's clients. REQUIRES: the journal has room for what one line may cause.
std::optional<MarkreadRefused> mark_read(const ClientCommand& command);

// ":halley.host MARKREAD target timestamp=...", or "*" while nobody knows. `target` that is no buffer's name
// is unknown.
std::string markread_line(const Network& network, std::string_view target);
// A line for each mark of the network, for a client that is shown its state; at least one, which says that
// marks are kept: of the target "*".
void tell_markers(const Network& network, const std::function<void(std::string_view line)>& line);

}  // namespace halley
