// What each command from a network does: one row of a table and one short function per command.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "bouncer/accounts/ids.h"
#include "bouncer/irc/ctcp.h"
#include "bouncer/irc/message.h"

namespace halley {

class Upstream;

struct UpstreamRow {
  std::string_view command;
  std::uint8_t min_params;  // fewer: the line is passed over
  void (*run)(Upstream& up, const irc::Message& message);
};

// The tables, by topic; together they are searched by handle_upstream_line.
std::span<const UpstreamRow> registration_rows();  // registration.cpp
std::span<const UpstreamRow> cap_rows();           // caps.cpp
std::span<const UpstreamRow> sasl_rows();          // sasl.cpp
std::span<const UpstreamRow> channel_rows();       // channels.cpp
std::span<const UpstreamRow> refusal_rows();       // refusals.cpp
std::span<const UpstreamRow> presence_rows();      // presence.cpp
std::span<const UpstreamRow> message_rows();       // messages.cpp

// Runs the row of the message's command; a command without a row goes to the clients as it is. The link may
// be gone when it returns. REQUIRES: the journal has room for what one line may append (Upstream asks before
// each).
void handle_upstream_line(Upstream& up, const irc::Message& message);

// The first lines of a new link: PASS, CAP LS, NICK, USER. May lose it.
void begin_registration(Upstream& up);
void end_caps(Upstream& up);
// Is the capability missing so far without which the registration is not to end?
bool waits_for_sasl(Upstream& up);
// Logging in to an account of the network.
bool sasl_configured(Upstream& up);
void begin_sasl(Upstream& up);  // may lose the link
// While registering the link is lost with that reason; later it is told.
void sasl_refused(Upstream& up, std::string_view why);
// JOINs the channels that the user wants to be in, in as few lines as fit, and runs the on-connect lines
// before it.
void join_channels(Upstream& up);
// The buffer of that name, made if there is none. `ours`: the user has a part in it; else whether they want
// to be in that channel decides how many there may be (Buffers::MadeBy). REQUIRES: the journal has room for a
// record.
BufferId buffer_for(Upstream& up, std::string_view name, bool ours);
// A PRIVMSG or NOTICE that the network replays into the log. 0: it is not kept.
EventId log_past(Upstream& up, const irc::Message& message);
// The name of the buffer that it is shown in.
std::string_view buffer_of(Upstream& up, const irc::Message& message);
// Answered once: by a client, else by Halley (ctcp.cpp).
void ctcp_question(Upstream& up, const irc::Message& message, const irc::Ctcp& question);
// What comes back goes to the client that asked.
void ctcp_answer(Upstream& up, const irc::Message& message, const irc::Ctcp& answer);
// Says again what clients had set up: AWAY, MONITOR.
void set_up_presence(Upstream& up);
// The link is gone: clients are told that we left each channel.
void leave_channels(Upstream& up, std::string_view reason);

}  // namespace halley
