// Where a web page comes from (RFC 6454), and the host and port of a Host header (RFC 9110 section 7.2), in
// one form each, so that they can be compared.
//
// Values; any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace halley::net {

// host[:port], without user information.
struct Authority {
  std::string host;        // lower case; a numeric IPv6 address without brackets, in its shortest form
  std::uint16_t port = 0;  // 0: not said
  // nullopt: it is none.
  static std::optional<Authority> parse(std::string_view text);
  // A numeric address: no name that somebody could have pointed here.
  bool numeric() const;
  // A numeric loopback address, localhost, or a name below it (RFC 6761 section 6.3).
  bool loopback() const;
};

struct Origin {
  std::string scheme;      // "http" or "https"
  std::string host;        // as in Authority
  std::uint16_t port = 0;  // always said: 80 or 443 where the text leaves it out
  // Of an origin or of a URL, whose path and so on are passed over. The error is for a person.
  static std::expected<Origin, std::string> parse(std::string_view url);
  bool operator==(const Origin&) const = default;
};

// Where a request of ours goes.
struct HttpAddress {
  bool tls = true;
  std::string host;  // as in Authority
  std::uint16_t port = 443;
  std::string target;  // path and query, of visible ASCII; at least "/"
  // Of an http:// or https:// URL without a user's name. The error is for a person.
  static std::expected<HttpAddress, std::string> parse(std::string_view url);
};

}  // namespace halley::net
