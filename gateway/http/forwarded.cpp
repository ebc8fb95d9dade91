#include "gateway/http/forwarded.h"

#include <algorithm>
#include <array>

namespace halley::gateway {
namespace {

constexpr Refusal kBadForwarded{400, "bad_forwarded",
                                "A proxy's Forwarded header cannot be understood (RFC 7239)."};
constexpr Refusal kTooManyHops{400, "bad_forwarded", "The request has passed more than 32 proxies."};

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// obfnode, obfport: '_' and then letters, digits, '.', '_' and '-' (RFC 7239 section 6.3).
bool is_obfuscated(std::string_view text) {
  return text.size() > 1 && text.front() == '_' && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                  c == '_' || c == '-';
         });
}

bool is_port(std::string_view text) {
  const bool digits = !text.empty() && text.size() <= 5 &&
                      std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  return digits || is_obfuscated(text);
}

net::Address address_of(std::string_view text) {
  return net::Address::numeric(std::string(text.substr(0, text.find('%'))), 0);  // without a zone
}

// Takes one value from the front of `rest`: a quoted-string, undone, or what stands before ',' or ';'.
// Strictly that would be a token, which an address with a port is not; many write one all the same.
bool take_value(std::string_view& rest, std::string& value) {
  if (!rest.starts_with('"')) {
    const std::string_view plain = trimmed(rest.substr(0, rest.find_first_of(",;")));
    rest.remove_prefix(std::min(rest.find_first_of(",;"), rest.size()));
    value = plain;
    return !plain.empty() && plain.find_first_of("\" \t=") == std::string_view::npos;
  }
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return true;
    }
    if (rest[i] == '\\' && ++i == rest.size()) return false;
    value += rest[i];
  }
  return false;
}

// One name=value into `hop`.
bool take_pair(std::string_view& rest, Hop& hop, unsigned& seen) {
  const std::size_t equals = rest.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  const std::string_view name = rest.substr(0, equals);
  if (name.find_first_of(" \t,;\"") != std::string_view::npos) return false;
  rest.remove_prefix(equals + 1);
  std::string value;
  if (!take_value(rest, value)) return false;
  const std::array<std::pair<std::string_view, std::string*>, 3> known{
      {{"for", &hop.node}, {"proto", &hop.proto}, {"host", &hop.host}}};
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (!equal_without_case(name, known[i].first)) continue;
    if (seen & (1U << i)) return false;  // each at most once (section 4)
    seen |= 1U << i;
    *known[i].second = std::move(value);
  }
  return true;
}

bool parse_elements(std::string_view rest, std::vector<Hop>& hops) {
  for (;;) {
    Hop hop;
    unsigned seen = 0;
    bool any = false;
    for (;;) {
      rest = trimmed(rest);
      if (rest.empty() || rest.front() == ',') break;
      if (rest.front() == ';') {
        rest.remove_prefix(1);
        continue;
      }
      if (!take_pair(rest, hop, seen)) return false;
      any = true;
      rest = trimmed(rest);
      if (!rest.empty() && rest.front() != ',' && rest.front() != ';') return false;
    }
    if (any) hops.push_back(std::move(hop));
    if (rest.empty()) return true;
    rest.remove_prefix(1);
    if (hops.size() > kMaxHops) return true;
  }
}

}  // namespace

Node parse_node(std::string_view text) {
  text = trimmed(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  std::string_view host = text, port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return {};
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
  } else if (std::ranges::count(text, ':') == 1) {  // two or more are IPv6 without brackets, and no port
    host = text.substr(0, text.find(':'));
    port = text.substr(host.size());
  }
  if (!port.empty() && (port.front() != ':' || !is_port(port.substr(1)))) return {};
  const net::Address address = address_of(host);
  if (text.starts_with('[') && address.family() != AF_INET6) return {};
  if (address.valid()) return {true, address};
  return {equal_without_case(host, "unknown") || is_obfuscated(host), {}};
}

std::expected<std::vector<Hop>, Refusal> parse_forwarded(const Request& request) {
  std::vector<Hop> hops;
  for (const Header& header : request.headers) {
    if (!equal_without_case(header.name, "forwarded")) continue;
    if (!parse_elements(header.value, hops)) return std::unexpected(kBadForwarded);
    if (hops.size() > kMaxHops) return std::unexpected(kTooManyHops);
  }
  return hops;
}

std::expected<std::vector<std::string_view>, Refusal> list_items(const Request& request,
                                                                 std::string_view name) {
  std::vector<std::string_view> items;
  for (const Header& header : request.headers) {
    if (!equal_without_case(header.name, name)) continue;
    for (std::string_view rest = header.value; !rest.empty();) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (const std::string_view item = trimmed(rest.substr(0, comma)); !item.empty()) items.push_back(item);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      if (items.size() > kMaxHops) return std::unexpected(kTooManyHops);
    }
  }
  return items;
}

bool passed_on(const Request& request) {
  static constexpr std::array<std::string_view, 10> kNames{"forwarded",        "via",
                                                           "x-real-ip",        "x-client-ip",
                                                           "x-original-for",   "true-client-ip",
                                                           "cf-connecting-ip", "fastly-client-ip",
                                                           "x-original-host",  "x-cluster-client-ip"};
  return std::ranges::any_of(request.headers, [](const Header& header) {
    constexpr std::string_view kPrefix = "x-forwarded";
    return equal_without_case(header.name.substr(0, kPrefix.size()), kPrefix) ||
           std::ranges::any_of(kNames,
                               [&](std::string_view name) { return equal_without_case(header.name, name); });
  });
}

}  // namespace halley::gateway
