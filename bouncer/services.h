// What the parts of one bouncer are given: everything that reaches outside, so that a test can give its own.
#pragma once

#include <functional>
#include <string>

#include "bouncer/accounts.h"
#include "bouncer/config.h"
#include "bouncer/net/dialer.h"
#include "bouncer/net/loop.h"
#include "bouncer/sealer.h"
#include "storage/store.h"

namespace halley {

class EventIds;
class Pacer;

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
  Pacer* pacer;              // spreads connects to one host
  const std::string* epoch;
};

}  // namespace halley
