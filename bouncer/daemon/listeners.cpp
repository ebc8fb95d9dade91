#include "bouncer/daemon/listeners.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "bouncer/config/listen_url.h"

namespace halley {

namespace {

constexpr std::string_view kIrcCrowded =
    "ERROR :Closing link: too many connections, or too many from your address; close some, or try again "
    "later\r\n";
constexpr std::string_view kHttpCrowded =
    "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nRetry-After: 10\r\nConnection: close\r\n\r\n";

struct Door {
  std::string_view crowded;
  net::Acceptors::OnAccept Listeners::Doors::*accept;
};
Door door_of(ListenUrl::Protocol protocol) {
  switch (protocol) {
    case ListenUrl::Protocol::kHttp:
      return {.crowded = kHttpCrowded, .accept = &Listeners::Doors::http};
    case ListenUrl::Protocol::kIdent:
      return {.crowded = {}, .accept = &Listeners::Doors::ident};
    case ListenUrl::Protocol::kIrc:
      break;
  }
  return {.crowded = kIrcCrowded, .accept = &Listeners::Doors::irc};
}

// "::" listens for IPv4 too, which "0.0.0.0" at the same port already does.
bool has_ipv4_beside(const Config& config, const ListenUrl& url) {
  return url.port != 0 && std::ranges::any_of(config.listen, [&](const ListenUrl& other) {
           return other.host == "0.0.0.0" && other.port == url.port;
         });
}

}  // namespace

std::expected<void, std::string> Listeners::open(const Config& config,
                                                 const std::filesystem::path& control_socket) {
  for (ListenUrl url : config.listen) {
    net::ListenAddress address;
    address.host = url.host;
    address.port = url.port;
    address.ipv6_only = has_ipv4_beside(config, url);
    address.unix_path = url.unix_path;
    address.unix_mode = 0660;  // a reverse proxy in the same group
    address.tls = url.tls;
    const Door door = door_of(url.protocol);
    address.crowded_reply = door.crowded;
    const auto port = add(address, doors_.*door.accept);
    if (!port) return std::unexpected(port.error());
    if (url.unix_path.empty()) url.port = *port;
    addresses_.push_back(format_listen_url(url));
  }
  // One that a killed daemon left behind: the lock on the data says that it is nobody's.
  ::unlink(control_socket.c_str());
  net::ListenAddress control;
  control.unix_path = control_socket.string();
  control.counted = false;
  if (const auto done = add(control, doors_.control); !done) {
    return std::unexpected(fmt::format("no control socket: {}", done.error()));
  }
  return {};
}

std::expected<std::uint16_t, std::string> Listeners::add(const net::ListenAddress& address,
                                                         const net::Acceptors::OnAccept& door) {
  auto acceptor = acceptors_.listen(address, door);
  if (!acceptor) return std::unexpected(acceptor.error());
  const std::uint16_t port = (*acceptor)->port();
  open_.push_back(std::move(*acceptor));
  return port;
}

}  // namespace halley
