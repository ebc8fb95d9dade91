// Who has given a command that goes on (trace), and is told what comes, piece by piece.
//
// Thread: the loop's. Owner: the connection that the command came by; whoever tells holds it weakly, and ends
// by itself once it has gone.
#pragma once

#include <nlohmann/json.hpp>

#include "bouncer/cli/command_result.h"

namespace halley::cli {

class Follower {
 public:
  virtual ~Follower() = default;
  // The command has begun: it is not answered, but told of.
  virtual void begin() = 0;
  // An object, for a program and for whoever shows it to a person. One that the other end has no room for is
  // left out, and counted there.
  virtual void tell(const nlohmann::json& piece) = 0;
  // The last word: nothing follows it.
  virtual void end(CommandResult result) = 0;
};

}  // namespace halley::cli
