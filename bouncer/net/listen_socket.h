// Opening a socket to listen on, with every refusal explained.
//
// Thread: the loop's. Owner: an acceptor.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <string>

#include "bouncer/net/acceptor.h"
#include "bouncer/net/inherited_sockets.h"

namespace halley::net {

// A listening, non-blocking descriptor. Closes it, and unlinks its Unix socket unless another has taken its
// place, or the service manager has made it.
class ListenSocket {
 public:
  // Names are looked up at once: this is for start and reload, not for a loop under load. The first address
  // counts. A Unix socket that is in the way is removed only if nobody answers there.
  // `inherited` (null: none): a socket that listens there already is taken from it as it is, with the mode
  // that it has.
  static std::expected<ListenSocket, std::string> open(const ListenAddress& address,
                                                       InheritedSockets* inherited = nullptr);
  ListenSocket(ListenSocket&& other) noexcept;
  ListenSocket& operator=(ListenSocket&& other) noexcept;
  ~ListenSocket();

  int descriptor() const { return descriptor_; }
  // The descriptor becomes the caller's; its Unix socket's file stays. REQUIRES: not given up before.
  int give_up();
  std::uint16_t port() const { return port_; }       // as bound; 0 for a Unix socket
  const std::string& name() const { return name_; }  // "127.0.0.1:6667" or the path
  bool is_unix() const { return unix_; }

 private:
  ListenSocket() = default;
  static std::expected<ListenSocket, std::string> open_unix(const ListenAddress& address);

  int descriptor_ = -1;
  std::uint16_t port_ = 0;
  bool unix_ = false;
  std::string name_, unix_path_;  // the path: of a file that is ours to remove
  dev_t device_ = 0;              // of the Unix socket's file
  ino_t inode_ = 0;
};

}  // namespace halley::net
