#include "bouncer/cli/client_url.h"

#include <fmt/format.h>

#include <algorithm>

#include "bouncer/net/address.h"
#include "bouncer/net/origin.h"

namespace halley::cli {
namespace {

// Port 0 is any that was free: nobody knows which.
bool is_public_tls(const ListenUrl& url) {
  return url.protocol == ListenUrl::Protocol::kIrc && url.tls && url.unix_path.empty() && url.port != 0 &&
         !net::Authority{.host = url.host}.loopback();
}

// All addresses of the machine, which lead nowhere from another one.
bool is_any(const std::string& host) {
  const auto address = net::Address::numeric(host, 0);
  return host == "*" || (address.valid() && (address.text() == "0.0.0.0" || address.text() == "::"));
}

std::string in_url(const std::string& host) {
  return host.contains(':') ? fmt::format("[{}]", host) : host;
}

}  // namespace

std::expected<std::string, std::string> client_url(const Config& config, std::string_view user,
                                                   std::string_view device, std::string_view token) {
  const auto at = std::ranges::find_if(config.listen, is_public_tls);
  if (at == config.listen.end()) {
    return std::unexpected(
        "`listen` in halley.toml has no ircs:// address that other machines reach, such as "
        "\"ircs://0.0.0.0:6697\"");
  }
  std::string host = config.hostname;
  if (host == Config().hostname || net::Authority{.host = host}.loopback()) {
    // Nobody has said what this machine is called; the address may still say where it is.
    if (is_any(at->host)) {
      return std::unexpected(
          fmt::format("`hostname` in halley.toml is {}: set it to the name that clients reach this machine "
                      "by",
                      host));
    }
    host = at->host;
  }
  // Names and tokens need no escapes: they are of A-Z a-z 0-9 _ . - (is_account_name, random_token).
  return fmt::format("ircs://{}%40{}:{}@{}:{}", user, device, token, in_url(host), at->port);
}

}  // namespace halley::cli
