// What a user's client, IRC or browser, may say to a network: one row of a table and one short function per
// command. What has no row goes to the network as it is, and its answer comes back to the client that asked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bouncer/irc/message.h"

namespace halley {

class Client;
class Network;

struct ClientCommand {
  Client* from;  // null: a program without a stream
  Network& network;
  const irc::Message& message;
};

struct ClientRow {
  std::string_view command;
  std::uint8_t min_params;
  // Empty: done. Else what was refused, why, and the mend.
  std::string (*run)(const ClientCommand& command);
};

// Parses and runs one line; the journal and the network's queue must have room. Errors as above.
std::string run_client_command(Client* from, Network& network, std::string_view line);
std::string run_client_command(Client* from, Network& network, const irc::Message& message);

}  // namespace halley
