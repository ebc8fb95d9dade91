// `/msg *halley history #c 3h` and `/msg *halley search words`: the log as sentences, for clients that have
// neither CHATHISTORY nor SEARCH. A page at a time; each says how the next is asked for.
//
// Thread: the loop's. Nothing is kept here but what an answer on its way needs.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace halley {

class Network;

// True: `text` asks for the log of this network, and `reply` is called once, now or later, with lines
// separated by '\n'; never when the user has gone. False: it is something else.
bool ask_log(Network& network, std::string_view text, std::function<void(const std::string& text)> reply);

}  // namespace halley
