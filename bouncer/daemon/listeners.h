// The listening sockets of halley.toml and of the control socket.
//
// Thread: the loop's. Owner: the Assembly. Streams go to the functions given; those must outlive the
// Listeners. A successor needs the sockets, and what halley.toml says of each.
#pragma once

#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bouncer/config/config.h"
#include "bouncer/net/acceptor.h"

namespace halley {

class Listeners {
 public:
  struct Doors {
    net::Acceptors::OnAccept irc, http, control, ident;
  };
  Listeners(net::Acceptors& acceptors, Doors doors) : acceptors_(acceptors), doors_(std::move(doors)) {}

  // Opens all of them. The error names the address, what is wrong with it, and what to do.
  // REQUIRES: called once.
  std::expected<void, std::string> open(const Config& config, const std::filesystem::path& control_socket);
  // Where people reach Halley, with the ports that were bound: "ircs://0.0.0.0:6697".
  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  std::expected<std::uint16_t, std::string> add(const net::ListenAddress& address,
                                                const net::Acceptors::OnAccept& door);

  net::Acceptors& acceptors_;
  Doors doors_;
  std::vector<std::unique_ptr<net::Acceptor>> open_;
  std::vector<std::string> addresses_;
};

}  // namespace halley
