// Listening sockets that the service manager has opened for this process: sd_listen_fds(3), whose protocol is
// descriptors from 3 on and two variables of the environment, and is kept stable for programs that read it
// themselves. Connections that come while Halley is started anew wait in them.
//
// Thread: the loop's. Owner: the composition root; what nobody took is closed with it. A
// successor is given its own, and what was taken as any acceptor.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace halley::net {

class InheritedSockets {
 public:
  InheritedSockets() = default;
  InheritedSockets(InheritedSockets&& other) noexcept : sockets_(std::exchange(other.sockets_, {})) {}
  InheritedSockets& operator=(InheritedSockets&&) = delete;
  ~InheritedSockets();

  // Those that $LISTEN_FDS counts, when $LISTEN_PID is this process; none without. The error is a sentence.
  // REQUIRES: called once in a process.
  static std::expected<InheritedSockets, std::string> of_this_process();
  // Descriptors of listening stream sockets, which are the callee's from then on, whatever the answer is.
  static std::expected<InheritedSockets, std::string> take_over(std::span<const int> descriptors);

  // The descriptor that listens at `name`: "127.0.0.1:6697", "[::]:6697" or the path of a Unix socket. It is
  // the caller's from then on. Nothing: there is none, or it was taken.
  std::optional<int> take(const std::string& name);
  // The names of those that nobody has taken.
  std::vector<std::string> left() const;

 private:
  std::map<std::string, int> sockets_;  // by name
};

}  // namespace halley::net
