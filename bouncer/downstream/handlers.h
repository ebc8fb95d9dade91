// What each command from an ordinary client does while it logs in, and those that Halley itself answers
// afterwards: one row of a table and one short function per command. The rest goes to
// commands/client_commands.h.
//
// Thread: the loop's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bouncer/irc/caps.h"
#include "bouncer/irc/message.h"

namespace halley {

class Downstream;
class Network;

// Lines that one CHATHISTORY answer holds at most; told in ISUPPORT.
inline constexpr std::size_t kMostHistory = 1000;

struct DownstreamRow {
  std::string_view command;
  std::uint8_t min_params;
  enum class When : std::uint8_t { kBefore, kAfter, kAlways } when;  // login
  void (*run)(Downstream& client, const irc::Message& message);
};

// A command about the network that the client is bound to; only after login. A client that is bound to none
// is told so, and the row is not run.
struct BoundRow {
  std::string_view command;
  std::uint8_t min_params;
  void (*run)(Downstream& client, Network& network, const irc::Message& message);
};

// REQUIRES: for a client that is logged in, the journal and the network's queue have room for what one line
// may cause.
void handle_downstream_line(Downstream& client, const irc::Message& message);

// CAP LS before the network is known: what Halley gives whatever the network.
irc::CapSet general_caps();
// With what this network gives now. REQUIRES: it is connected.
irc::CapSet available_caps(const Network& network);

// AUTHENTICATE (login_mechanisms.cpp). Source: https://ircv3.net/specs/extensions/sasl-3.2
void handle_authenticate(Downstream& client, const irc::Message& message);
// By which this client may log in, with commas between.
std::string_view sasl_mechanisms(Downstream& client);
// CHATHISTORY (chathistory.cpp). Source: https://ircv3.net/specs/extensions/chathistory
void handle_chathistory(Downstream& client, Network& network, const irc::Message& message);
// BOUNCER (bouncer_networks.cpp). Source: https://soju.im/bouncer-networks
void handle_bouncer(Downstream& client, const irc::Message& message);
// SEARCH (search.cpp). Source: https://soju.im/search
void handle_search(Downstream& client, Network& network, const irc::Message& message);
// WEBPUSH (webpush.cpp). Source: https://github.com/ircv3/ircv3-specifications/pull/471
void handle_webpush(Downstream& client, const irc::Message& message);
// PERSISTENCE (persistence.cpp). Source: https://github.com/ircv3/ircv3-specifications/pull/503
void handle_persistence(Downstream& client, const irc::Message& message);
// CLIENTCERT (client_certs.cpp). Source: https://soju.im/client-cert
void handle_clientcert(Downstream& client, const irc::Message& message);
// ZNC *playback ... (playback.cpp), and the same said to *playback. True: it was.
void handle_znc(Downstream& client, Network& network, const irc::Message& message);
bool said_to_playback(Downstream& client, Network& network, const irc::Message& message);

}  // namespace halley
