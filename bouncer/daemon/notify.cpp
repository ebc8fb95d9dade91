#include "bouncer/daemon/notify.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
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

std::expected<std::uint64_t, std::string> watchdog_period_ms() {
  const char* const asked = std::getenv("WATCHDOG_USEC");
  const char* const process = std::getenv("WATCHDOG_PID");
  if (asked == nullptr || (process != nullptr && std::string_view(process) != std::to_string(::getpid())))
    return 0;
  const std::string_view text = asked;
  std::uint64_t period_us = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), period_us);
  if (error != std::errc() || end != text.data() + text.size() || period_us < 1000) {
    return std::unexpected(
        fmt::format("$WATCHDOG_USEC is '{}', and no number of microseconds from 1000 on: the watchdog is not "
                    "told anything; set WatchdogSec= in the service",
                    text));
  }
  return period_us / 1000;
}

}  // namespace halley
