// Where Halley is reached: irc://, ircs://, http://, https://, ident:// with host[:port], and unix:///path.
// Pure. Any thread.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "bouncer/config/config.h"

namespace halley {

std::expected<ListenUrl, std::string> parse_listen_url(std::string_view text);
std::string format_listen_url(const ListenUrl& url);

}  // namespace halley
