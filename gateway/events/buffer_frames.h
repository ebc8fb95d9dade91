// The frames that tell what a user has set: of buffers, and their rules ({"event":"buffers",...},
// {"event":"rules",...}; halley-web(7)).
//
// Without state; what is shown is read during the call. Thread: the loop's.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/accounts/ids.h"

namespace halley {
class Network;
class User;
}  // namespace halley

namespace halley::gateway {

// Those of which something is set, or that are detached.
std::vector<BufferId> set_buffers(const Network& network);

// {"event":"buffers","network":"libera","whole":true,"buffers":[{"target":"#c","muted":true,...}]}; `whole`:
// what was told before of this network holds no more.
void append_buffers_json(std::string& out, const Network& network, std::span<const BufferId> buffers,
                         bool whole);
// ... with {"target":"#c","removed":true}.
void append_removed_buffer_json(std::string& out, const Network& network, BufferId buffer);

// {"event":"rules","rules":[{"id":"1a2b3c4d","kind":"highlight","match":"word","pattern":"comet"}]}
void append_rules_json(std::string& out, const User& user);

// All of a network, in as many frames as it takes, at least one: `put` is called for each.
void tell_set_buffers(const Network& network, std::string& scratch,
                      const std::function<void(std::string_view json)>& put);

}  // namespace halley::gateway
