#include "bouncer/commands/forwarding.h"

#include <fmt/format.h>

#include "bouncer/core/network.h"

namespace halley {

std::vector<std::string_view> split_commas(std::string_view list) {
  std::vector<std::string_view> parts;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (const auto part = list.substr(0, comma); !part.empty()) parts.push_back(part);
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
  return parts;
}

std::string not_connected(const Network& network) {
  const std::string& why = network.trouble();
  return fmt::format("not connected to {} ({}{}{}): nothing was sent", network.name(),
                     link_name(network.link()), why.empty() ? "" : ": ", why);
}

std::string network_full(const Network& network) {
  return fmt::format("too many lines wait for {}: nothing was sent; try again in a moment", network.name());
}

std::string client_tags(const ClientCommand& c) {
  std::string tags;
  if (c.network.link() == Link::kConnected && !c.network.state().caps.has(irc::Cap::kMessageTags))
    return tags;
  irc::for_each_tag(c.message.tags, [&](std::string_view key, std::string_view value) {
    if (!key.starts_with('+')) return;
    if (!tags.empty()) tags += ';';
    tags += key;
    if (!value.empty()) (tags += '=') += value;
  });
  return tags;
}

std::string forward(const ClientCommand& c) {
  if (c.network.link() != Link::kConnected) return not_connected(c.network);
  std::string line;
  irc::append_line(line, {.command = c.message.command, .params = c.message.parameters()});
  c.network.saying(line);
  line.clear();
  irc::append_line(line,
                   {.tags = client_tags(c), .command = c.message.command, .params = c.message.parameters()});
  Uplink& uplink = c.network.uplink();
  return uplink.ask(c.from.answered(), line) ? std::string() : network_full(c.network);
}

}  // namespace halley
