#include "bouncer/net/listen_socket.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "bouncer/net/address.h"
#include "bouncer/net/error_text.h"

namespace halley::net {

namespace {

constexpr int kBacklog = 1024;  // the kernel cuts it to net.core.somaxconn

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

std::string bind_refusal(const std::string& name, int error) {
  switch (error) {
    case EADDRINUSE:
      return fmt::format(
          "cannot listen on {}: another program uses it already. Stop that one, or choose another port.",
          name);
    case EACCES:
      return fmt::format(
          "cannot listen on {}: not permitted. Ports below 1024 need CAP_NET_BIND_SERVICE; choose a "
          "higher one or grant it.",
          name);
    case EADDRNOTAVAIL:
      return fmt::format(
          "cannot listen on {}: this machine has no such address. Use one of its own, or 0.0.0.0 for all.",
          name);
    default:
      return fmt::format("cannot listen on {}: {}.", name, error_text(error));
  }
}

std::expected<Address, std::string> look_up(const std::string& host, std::uint16_t port) {
  const Address numeric = Address::numeric(host, port);
  if (numeric.valid()) return numeric;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* list = nullptr;
  const int status = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (status != 0 || list == nullptr) {
    return std::unexpected(
        fmt::format("cannot listen on {}: {}. Use a numeric address or a name of this machine.",
                    host_and_port(host, port), gai_strerror(status)));
  }
  const std::unique_ptr<addrinfo, FreeAddresses> owned(list);
  Address address(list->ai_addr, list->ai_addrlen);
  address.set_port(port);
  return address;
}

std::expected<sockaddr_un, std::string> unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return std::unexpected(
        fmt::format("cannot listen on {}: the path is longer than {} bytes. Choose a shorter one.", path,
                    sizeof address.sun_path - 1));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* generic(const auto& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// Empty: the way is free now, since what lay there was a socket that nobody answers at.
std::string clear_stale(const std::string& path, const sockaddr_un& address) {
  struct stat status {};
  if (lstat(path.c_str(), &status) == 0 && !S_ISSOCK(status.st_mode)) {
    return fmt::format(
        "cannot listen on {}: a file is there that is no socket. Remove it, or choose another path.", path);
  }
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return fmt::format("cannot listen on {}: {}.", path, error_text(errno));
  const bool refused = connect(probe, generic(address), sizeof address) != 0 && errno == ECONNREFUSED;
  close(probe);
  if (!refused) {
    return fmt::format("cannot listen on {}: another program answers there. Stop it, or choose another path.",
                       path);
  }
  if (unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return fmt::format("cannot listen on {}: a stale socket cannot be removed: {}.", path, error_text(errno));
}

}  // namespace

std::expected<ListenSocket, std::string> ListenSocket::open(const ListenAddress& wanted,
                                                            InheritedSockets* inherited) {
  ListenSocket made;
  made.unix_ = !wanted.unix_path.empty();
  if (made.unix_) {
    made.name_ = wanted.unix_path;
    const auto given = inherited == nullptr ? std::nullopt : inherited->take(made.name_);
    if (!given) return open_unix(wanted);
    made.descriptor_ = *given;
    return made;
  }
  auto address = look_up(wanted.host, wanted.port);
  if (!address) return std::unexpected(address.error());
  made.name_ = address->text_with_port();
  if (const auto given = inherited == nullptr ? std::nullopt : inherited->take(made.name_)) {
    made.descriptor_ = *given;
    made.port_ = address->port();
    return made;
  }
  made.descriptor_ = socket(address->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made.descriptor_ < 0) return std::unexpected(bind_refusal(made.name_, errno));
  const int on = 1;
  setsockopt(made.descriptor_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Set either way: the system's own default is one or the other.
  const int only = wanted.ipv6_only ? 1 : 0;
  if (address->family() == AF_INET6)
    setsockopt(made.descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  if (bind(made.descriptor_, address->get(), address->size()) != 0 ||
      ::listen(made.descriptor_, kBacklog) != 0) {
    return std::unexpected(bind_refusal(made.name_, errno));
  }
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  getsockname(made.descriptor_, reinterpret_cast<sockaddr*>(&bound), &size);
  const Address real(reinterpret_cast<const sockaddr*>(&bound), size);
  made.port_ = real.port();
  made.name_ = real.text_with_port();
  return made;
}

std::expected<ListenSocket, std::string> ListenSocket::open_unix(const ListenAddress& wanted) {
  const auto address = unix_address(wanted.unix_path);
  if (!address) return std::unexpected(address.error());
  ListenSocket made;
  made.name_ = wanted.unix_path;
  made.descriptor_ = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made.descriptor_ < 0) return std::unexpected(bind_refusal(made.name_, errno));
  // On Linux the file takes the mode of the descriptor: it is never open to more people than it should be.
  fchmod(made.descriptor_, wanted.unix_mode);
  int bound = bind(made.descriptor_, generic(*address), sizeof *address);
  if (bound != 0 && errno == EADDRINUSE) {
    const std::string refusal = clear_stale(wanted.unix_path, *address);
    if (!refusal.empty()) return std::unexpected(refusal);
    bound = bind(made.descriptor_, generic(*address), sizeof *address);
  }
  if (bound != 0) {
    const int error = errno;
    return std::unexpected(
        fmt::format("cannot listen on {}: {}. Check that its directory exists and may be written.",
                    wanted.unix_path, error_text(error)));
  }
  struct stat status {};
  // The mode again, since the process's umask has cut it.
  if (chmod(wanted.unix_path.c_str(), wanted.unix_mode) != 0 ||
      lstat(wanted.unix_path.c_str(), &status) != 0 || ::listen(made.descriptor_, kBacklog) != 0) {
    return std::unexpected(bind_refusal(made.name_, errno));
  }
  made.unix_ = true;
  made.unix_path_ = wanted.unix_path;
  made.device_ = status.st_dev;
  made.inode_ = status.st_ino;
  return made;
}

ListenSocket::ListenSocket(ListenSocket&& other) noexcept {
  *this = std::move(other);
}

ListenSocket& ListenSocket::operator=(ListenSocket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(port_, other.port_);
  std::swap(unix_, other.unix_);
  std::swap(name_, other.name_);
  std::swap(unix_path_, other.unix_path_);
  std::swap(device_, other.device_);
  std::swap(inode_, other.inode_);
  return *this;
}

int ListenSocket::give_up() {
  unix_path_.clear();
  return std::exchange(descriptor_, -1);
}

ListenSocket::~ListenSocket() {
  if (descriptor_ >= 0) close(descriptor_);
  struct stat status {};
  if (!unix_path_.empty() && lstat(unix_path_.c_str(), &status) == 0 && status.st_dev == device_ &&
      status.st_ino == inode_) {
    unlink(unix_path_.c_str());
  }
}

}  // namespace halley::net
