// Addresses of networks: "ircs://host[:6697]" or "irc://host[:6667]", several separated by commas. Pure.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace halley {

struct NetworkUrl {
  std::string host;  // an IPv6 address without its brackets
  std::uint16_t port = 0;
  bool tls = false;
};
// The error names the address and what is wrong with it.
std::expected<NetworkUrl, std::string> parse_network_url(std::string_view url);
// The parts of a comma-separated list, trimmed, empty ones left out.
std::vector<std::string_view> split_urls(std::string_view list);

}  // namespace halley
