// trace: the raw lines of a user's connections, as they come.
#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/follower.h"

namespace halley::cli {

CommandResult trace(CommandCall& call, const std::shared_ptr<Follower>& follower) {
  if (call.environment.daemon == nullptr)
    return CommandResult::refuse("no daemon runs whose lines could be followed; start one with halley serve");
  const std::string network = call.parsed.text("NETWORK");
  if (!network.empty()) {
    const auto known = call.accounts().require_network(call.user, network);
    if (!known) return CommandResult::refuse(known.error());
  }
  const auto begun =
      call.environment.daemon->trace(call.accounts().find_user(call.user)->id, network, follower);
  if (!begun) return CommandResult::refuse(begun.error());
  return CommandResult::done({});
}

}  // namespace halley::cli
