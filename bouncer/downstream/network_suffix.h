// Names of one network as a client sees them that is shown all of the user's on one connection:
// "#chan/libera", "bob/libera". The user is called the same everywhere, whatever the network calls them.
// Texts, hosts, servers and masks of bans are left alone.
//
// Pure: what is returned follows from the arguments alone, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/accounts/ids.h"
#include "bouncer/irc/isupport.h"
#include "bouncer/irc/message.h"

namespace halley {

// The fields of WHOX (RPL_WHOSPCRPL, 354) in the order in which they come, whatever was asked for first.
// Source: https://github.com/quakenet/snircd/blob/master/doc/readme.who
inline constexpr std::string_view kWhoxFields = "tcuihsnfdlaor";

// A network, as what it says is to be read. Views of what outlives the call.
struct NamedNetwork {
  std::string_view name;    // behind the sign
  std::string_view nick;    // the user's there
  std::string_view shown;   // the client's for itself
  std::string_view server;  // sources without '.' that are nobody's nick: the network's server, ...
  std::string_view host;    // ... and Halley
  const irc::Isupport& isupport;
};

// A nick or channel of the network; symbols may stand before it ("@#chan"). The user's own nick is what the
// client calls itself; servers, Halley's own ("*halley") and what is no name are returned as they are.
std::string suffixed_name(const NamedNetwork& network, std::string_view name);

// What the network said, as one line or as several: names that no longer fit into one line go on in another,
// as does a text. `batches`: what stands before references of this network's batches, which are others' on
// other networks; `whox`: the fields that the question of a 354 asked for. Without CR LF; each fits a client,
// or is to be cut (irc/fit.h).
std::vector<std::string> suffixed_lines(const NamedNetwork& network, const irc::Message& message,
                                        std::string_view batches, std::string_view whox);

// "bob/libera" taken apart; nothing: it has no sign. (The last one counts: channels may have their own.)
struct SuffixedName {
  std::string_view name, network;
};
std::optional<SuffixedName> split_suffix(std::string_view text);

}  // namespace halley
