// What an errno of a socket means, in words for a person.
#pragma once

#include <string>

namespace halley::net {

// "connection refused", "the other side reset the connection"...: half a sentence, lower case, without a full
// stop.
std::string error_text(int error);

}  // namespace halley::net
