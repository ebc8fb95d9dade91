#include "bouncer/commands/client_command.h"

namespace halley {

void Asker::pass(const Network& network, std::string_view line) const {
  if (client_) client_->get().pass(network, line);
}

void Asker::channel_names(const Network& network, const Channel& channel) const {
  if (client_) client_->get().channel_names(network, channel);
}

}  // namespace halley
