#include "bouncer/daemon/notify.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace halley {

std::expected<void, std::string> notify_service_manager(std::string_view state) {
  const char* const asked = std::getenv("NOTIFY_SOCKET");
  if (asked == nullptr || *asked == '\0') return {};
  const std::string_view path = asked;
  const auto failed = [&path](const char* why) {
    return std::unexpected(
        fmt::format("the service manager cannot be told at $NOTIFY_SOCKET '{}': {}", path, why));
  };
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if ((path[0] != '/' && path[0] != '@') || path.size() >= sizeof address.sun_path) {
    return failed("it names no local socket");
  }
  path.copy(address.sun_path, path.size());
  if (path[0] == '@') address.sun_path[0] = '\0';  // in the abstract namespace, see unix(7)
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return failed(std::strerror(errno));
  const ssize_t sent = ::sendto(descriptor, state.data(), state.size(), MSG_NOSIGNAL,
                                reinterpret_cast<const sockaddr*>(&address), size);
  const int error = errno;
  ::close(descriptor);
  if (sent < 0) return failed(std::strerror(error));
  return {};
}

}  // namespace halley
