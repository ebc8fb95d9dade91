// What a user's client, IRC or browser, may say to a network: one row of a table and one short function per
// command. What has no row goes to the network as it is, and its answer comes back to the client that asked.
//
// Thread: the loop's. Nothing is kept here between two lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bouncer/commands/client_command.h"
#include "bouncer/core/uplink.h"
#include "storage/api/journal.h"

namespace halley {

// What one command may append to the journal: each of its lines, with the tags that it came with, as an event
// and in the outbox, a new buffer for each target, and what is remembered of it.
inline constexpr std::size_t kRoomPerCommand =
    2 * Uplink::kLinesAtOnce * (irc::kMaxClientTags + 2 * irc::kMaxBody) + 2 * storage::kMaxRecord;

struct ClientRow {
  std::string_view command;
  std::uint8_t min_params;
  // Empty: done. Else a sentence for a person: what was refused, why, and what to do about it.
  std::string (*run)(const ClientCommand& command);
};

// Runs one line (the first parses it). Errors as above. Answers and what comes of it reach a client by
// Client::pass() and the log.
// REQUIRES: the journal has room for all that one line may cause; `from` is a client of the network's user.
std::string run_client_command(const Asker& from, Network& network, std::string_view line,
                               const CommandNumber& number = {});
std::string run_client_command(const Asker& from, Network& network, const irc::Message& message,
                               const CommandNumber& number = {});

// `/msg *halley ...` from a client that is bound to no network; false: `message` is something else.
bool run_unbound_command(Client& from, const irc::Message& message, std::string_view nick);

}  // namespace halley
