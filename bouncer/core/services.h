// What the parts of one bouncer are given: everything that reaches outside, so that a test can give its own.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "bouncer/accounts/accounts.h"
#include "bouncer/accounts/sealer.h"
#include "bouncer/config/config.h"
#include "bouncer/net/dialer.h"
#include "bouncer/net/loop.h"
#include "storage/api/store.h"

namespace halley {

class EventIds;
class Farewells;
class IsupportPool;
class Pacer;
class ReplayTurns;
class Spools;
class User;

// What `/msg *halley ...` reaches: the command table of bouncer/cli, given by the composition root.
class InBandCommands {
 public:
  virtual ~InBandCommands() = default;
  // `reply` is called once, on the loop's thread, with lines separated by '\n'; never when the user has been
  // removed.
  virtual void run(User& user, std::string_view line, std::function<void(std::string text)> reply) = 0;
};

struct Services {
  net::Loop* loop;
  net::Random* random;
  net::Dialer* dialer;
  storage::Journal* journal;
  storage::Store* store;
  Accounts* accounts;
  const Sealer* sealer;
  const Config* config;
  EventIds* ids;
  Pacer* pacer;  // spreads connects to one host
  IsupportPool* isupports;
  Farewells* farewells;  // streams that are being closed
  Spools* spools;        // what clients share in this turn
  ReplayTurns* replay_turns;
  const std::string* epoch;
  InBandCommands* in_band = nullptr;  // may be null
};

}  // namespace halley
