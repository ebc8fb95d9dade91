// By an account's number its live User: for whoever has let somebody in, and for answers that come later than
// the question.
//
// Thread: the loop's. Owner: the Bouncer, which outlives all that it hands this to. Nothing to hand over.
#pragma once

#include <functional>

#include "bouncer/accounts/ids.h"

namespace halley {

class User;

// Null: the account is disabled or gone.
using LiveUser = std::function<User*(UserId)>;

}  // namespace halley
