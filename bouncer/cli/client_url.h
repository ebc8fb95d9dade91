// The link that sets a client up: ircs://USER%40DEVICE:TOKEN@HOST:PORT, in the form of the page's code for
// phones (webui/src/views/AccountDialog.tsx). It bears the token: whoever opens it is logged in.
//
// Pure. Any thread.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "bouncer/config/config.h"

namespace halley::cli {

// By the first ircs:// address of `listen` that other machines reach. The error is for a person: why there is
// none, and what to change.
std::expected<std::string, std::string> client_url(const Config& config, std::string_view user,
                                                   std::string_view device, std::string_view token);

}  // namespace halley::cli
