#include "bouncer/core/uplink.h"

namespace halley {

std::string_view link_name(Link link) {
  switch (link) {
    case Link::kDisabled:
      return "disabled";
    case Link::kWaiting:
      return "waiting";
    case Link::kConnecting:
      return "connecting";
    case Link::kRegistering:
      return "registering";
    case Link::kConnected:
      return "connected";
  }
  return "unknown";
}

}  // namespace halley
