// Commands of browsers and programs that are numbered, so that a retry does nothing twice: POST
// /api/commands. Remembers of each user's clients the last number and its answer, across restarts.
//
// Thread: the loop's. Owner: the Bouncer.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/commands/client_command.h"
#include "bouncer/core/durable_state.h"

namespace halley {

class User;

class NumberedCommands final : public StateOwner {
 public:
  // Takes what was kept. All that it is given outlives it.
  explicit NumberedCommands(DurableState& states);

  struct Outcome {
    enum class Kind { kDone, kHole, kNoRoom } kind;
    std::uint64_t seq;   // kHole: the expected one
    std::string result;  // kDone: empty, or what was refused
  };
  // Runs one command line for the user's network of that name, as if typed in an IRC client. `seq` counts
  // from 1 for each `client` name. The same seq again gives the remembered answer and does nothing; a hole is
  // refused with the expected one. At most 64 client names a user; the least recent is forgotten. `from`: the
  // client's stream, if it has one. REQUIRES: `client` has at most storage::kMaxStateKey bytes.
  struct NumberedCommand {
    std::string_view client;
    std::uint64_t seq = 0;
    std::string_view network, line;
  };
  Outcome run(User& user, const Asker& from, const NumberedCommand& command);
  void forget_user(storage::UserId user) override { users_.erase(user); }

 private:
  struct Last {
    std::string client;
    std::uint64_t seq;
    std::string result;
  };
  void load(const storage::StateRow& row);
  void keep(storage::UserId user, Last last);

  std::map<storage::UserId, std::vector<Last>> users_;  // most recent last
};

}  // namespace halley
