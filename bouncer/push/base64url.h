// The alphabet for URLs and file names, without padding (RFC 4648 section 5): keys of Web Push are written in
// it. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace halley::push {

std::string base64url_encode(std::string_view bytes);
// Padding, which some clients send, is taken. nullopt: it is none.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace halley::push
