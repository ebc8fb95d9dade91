#include "bouncer/config/listen_url.h"

#include <fmt/format.h>

#include <charconv>

namespace halley {
namespace {

struct Scheme {
  std::string_view prefix;
  ListenUrl::Protocol protocol;
  bool tls;
  std::uint16_t port;
};
constexpr Scheme kSchemes[] = {
    {.prefix = "irc://", .protocol = ListenUrl::Protocol::kIrc, .tls = false, .port = 6667},
    {.prefix = "ircs://", .protocol = ListenUrl::Protocol::kIrc, .tls = true, .port = 6697},
    {.prefix = "http://", .protocol = ListenUrl::Protocol::kHttp, .tls = false, .port = 8067},
    {.prefix = "https://", .protocol = ListenUrl::Protocol::kHttp, .tls = true, .port = 8443},
    {.prefix = "ident://", .protocol = ListenUrl::Protocol::kIdent, .tls = false, .port = 113}};

std::unexpected<std::string> refuse(std::string_view text, std::string_view why) {
  return std::unexpected(fmt::format("\"{}\" {}; write for instance \"ircs://0.0.0.0:6697\"", text, why));
}

}  // namespace

std::expected<ListenUrl, std::string> parse_listen_url(std::string_view text) {
  ListenUrl url;
  if (text.starts_with("unix://")) {
    url.protocol = ListenUrl::Protocol::kHttp;
    url.unix_path = text.substr(7);
    if (!url.unix_path.starts_with('/')) return refuse(text, "should be unix:///an/absolute/path");
    return url;
  }
  const Scheme* scheme = nullptr;
  for (const Scheme& candidate : kSchemes) {
    if (text.starts_with(candidate.prefix)) scheme = &candidate;
  }
  if (scheme == nullptr)
    return refuse(text, "begins with none of irc:// ircs:// http:// https:// ident:// unix://");
  url.protocol = scheme->protocol;
  url.tls = scheme->tls;
  url.port = scheme->port;
  std::string_view rest = text.substr(scheme->prefix.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  std::size_t end = rest.find(':');
  if (rest.starts_with('[')) {
    end = rest.find(']');
    if (end == std::string_view::npos) return refuse(text, "lacks the ] of an IPv6 address");
    url.host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
  } else {
    url.host = rest.substr(0, end);
    rest.remove_prefix(std::min(end, rest.size()));
  }
  if (url.host.empty() || url.host.find_first_of(" /@?#") != std::string::npos)
    return refuse(text, "names no host");
  if (rest.empty()) return url;
  const auto [last, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), url.port);
  if (rest[0] != ':' || error != std::errc() || last != rest.data() + rest.size()) {
    return refuse(text, "has no port from 0 to 65535 behind the host");
  }
  return url;
}

std::string format_listen_url(const ListenUrl& url) {
  if (!url.unix_path.empty()) return "unix://" + url.unix_path;
  const std::string_view scheme = url.protocol == ListenUrl::Protocol::kIrc    ? "irc"
                                  : url.protocol == ListenUrl::Protocol::kHttp ? "http"
                                                                               : "ident";
  const bool v6 = url.host.find(':') != std::string::npos;
  return fmt::format("{}{}://{}{}{}:{}", scheme, url.tls ? "s" : "", v6 ? "[" : "", url.host, v6 ? "]" : "",
                     url.port);
}

}  // namespace halley
