#include "bouncer/irc/ctcp.h"

namespace halley::irc {

std::optional<Ctcp> parse_ctcp(std::string_view text) {
  if (!text.starts_with('\x01')) return std::nullopt;
  text.remove_prefix(1);
  if (text.ends_with('\x01')) text.remove_suffix(1);
  const std::size_t space = text.find(' ');
  if (text.empty() || space == 0) return std::nullopt;
  return Ctcp{text.substr(0, space),
              space == std::string_view::npos ? std::string_view{} : text.substr(space + 1)};
}

}  // namespace halley::irc
