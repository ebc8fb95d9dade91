#include "bouncer/accounts/network_url.h"

#include <fmt/format.h>

#include <charconv>

namespace halley {

namespace {

std::unexpected<std::string> refuse(std::string_view url, std::string_view why) {
  return std::unexpected(
      fmt::format("'{}' is no network address: {}; write ircs://host[:6697] or irc://host[:6667]", url, why));
}

}  // namespace

std::expected<NetworkUrl, std::string> parse_network_url(std::string_view url) {
  NetworkUrl parsed;
  std::string_view rest = url;
  if (rest.starts_with("ircs://")) {
    parsed.tls = true;
    rest.remove_prefix(7);
  } else if (rest.starts_with("irc://")) {
    rest.remove_prefix(6);
  } else {
    return refuse(url, "it must begin with ircs:// or irc://");
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  std::string_view port;
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) return refuse(url, "the ] behind the IPv6 address is missing");
    parsed.host = rest.substr(1, end - 1);
    rest = rest.substr(end + 1);
    if (!rest.empty() && rest[0] != ':') return refuse(url, "only :port may follow the address");
    if (!rest.empty()) port = rest.substr(1);
  } else {
    const std::size_t colon = rest.find(':');
    parsed.host = rest.substr(0, colon);
    if (colon != std::string_view::npos) {
      port = rest.substr(colon + 1);
      if (port.empty()) return refuse(url, "the port is missing");
    }
  }
  if (parsed.host.empty()) return refuse(url, "the host is missing");
  if (parsed.host.size() > 253 || parsed.host.find_first_of(" /@\t\r\n?#") != std::string::npos) {
    return refuse(url, "the host name holds a character that no host name has");
  }
  parsed.port = parsed.tls ? 6697 : 6667;
  if (!port.empty()) {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), parsed.port);
    if (error != std::errc{} || end != port.data() + port.size() || parsed.port == 0) {
      return refuse(url, "the port must be a number from 1 to 65535");
    }
  }
  return parsed;
}

std::vector<std::string_view> split_urls(std::string_view list) {
  std::vector<std::string_view> parts;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view part = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

}  // namespace halley
