#include "bouncer/upstream/sasl_refusal.h"

#include <fmt/format.h>

#include "bouncer/irc/message.h"

namespace halley {

std::string sasl_refusal(const storage::NetworkRow& network, std::string_view why) {
  const std::string_view reason = irc::clip_utf8(why, 300);
  if (network.sasl_mechanism == "EXTERNAL") {
    // Without SASL the link shows the certificate all the same: services take it from there.
    return fmt::format(
        "SASL EXTERNAL failed: {}. If the network does not know the certificate yet: /msg *halley network "
        "set {} sasl=none, log in there, /msg NickServ CERT ADD, then /msg *halley network set {} "
        "sasl=external",
        reason, network.name, network.name);
  }
  return fmt::format("SASL login as {} failed: {}. Mend it: /msg *halley network set {} sasl-password=...",
                     network.sasl_account, reason, network.name);
}

}  // namespace halley
