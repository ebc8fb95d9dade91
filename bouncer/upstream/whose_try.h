// Whose try it was that a network has refused: of a nick, or of a channel. A value.
#pragma once

#include <cstdint>

namespace halley {

enum class WhoseTry : std::uint8_t {
  kNobodys,  // nothing of the kind is known to be tried
  kClients,  // a client's, which is to be told
  kOwn,      // Halley's: what is to be said of it has been said
};

}  // namespace halley
