#include "bouncer/net/origin.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "bouncer/net/address.h"

namespace halley::net {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
  });
}

// nullopt: no number of a port. Empty: as if it were left out (RFC 3986 section 3.2.3).
std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  if (text.empty()) return port;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

std::optional<Authority> Authority::parse(std::string_view text) {
  Authority authority;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const Address address = Address::numeric(std::string(text.substr(1, end - 1)), 0);
    if (address.family() != AF_INET6) return std::nullopt;
    authority.host = address.text();
    port = text.substr(end + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    authority.host = lower(text.substr(0, colon));
    if (!is_name(authority.host)) return std::nullopt;
    port = text.substr(colon);
  }
  if (port.empty()) return authority;
  const auto number = port.front() == ':' ? parse_port(port.substr(1)) : std::nullopt;
  if (!number) return std::nullopt;
  authority.port = *number;
  return authority;
}

bool Authority::numeric() const {
  return Address::numeric(host, 0).valid();
}

bool Authority::loopback() const {
  return host == "localhost" || host.ends_with(".localhost") || Address::numeric(host, 0).is_loopback();
}

std::expected<Origin, std::string> Origin::parse(std::string_view url) {
  const auto bad = [&](std::string_view why) {
    return std::unexpected(fmt::format("\"{}\" {}: write it as https://irc.example.org", url, why));
  };
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return bad("does not begin with https:// or http://");
  Origin origin;
  origin.scheme = lower(url.substr(0, scheme));
  if (origin.scheme != "https" && origin.scheme != "http")
    return bad("does not begin with https:// or http://");
  const std::string_view rest = url.substr(scheme + 3);
  const auto authority = Authority::parse(rest.substr(0, rest.find_first_of("/?#")));
  if (!authority) return bad("names no host and port");
  origin.host = authority->host;
  origin.port = authority->port != 0 ? authority->port : origin.scheme == "https" ? 443 : 80;
  return origin;
}

std::expected<HttpAddress, std::string> HttpAddress::parse(std::string_view url) {
  if (!std::ranges::all_of(url, [](char c) { return c > 0x20 && c < 0x7f; }))
    return std::unexpected(
        fmt::format("\"{}\" has a space or a letter that no URL has: write %XX for it", url));
  const auto origin = Origin::parse(url);
  if (!origin) return std::unexpected(origin.error());
  std::string_view rest = url.substr(url.find("://") + 3);
  rest = rest.substr(0, rest.find('#'));
  HttpAddress address{
      .tls = origin->scheme == "https", .host = origin->host, .port = origin->port, .target = {}};
  address.target = rest.substr(std::min(rest.find_first_of("/?"), rest.size()));
  if (!address.target.starts_with('/')) address.target.insert(0, "/");
  return address;
}

}  // namespace halley::net
