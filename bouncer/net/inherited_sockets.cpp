#include "bouncer/net/inherited_sockets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "bouncer/net/address.h"
#include "bouncer/net/error_text.h"

namespace halley::net {
namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START

// Nothing: no number.
std::optional<int> number_of(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Where it listens; an error: it does not, or is of a kind that has no connections.
std::expected<std::string, std::string> name_of(int descriptor) {
  int listens = 0, type = 0;
  socklen_t size = sizeof listens;
  if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0)
    return std::unexpected(error_text(errno));
  size = sizeof type;
  if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0)
    return std::unexpected(error_text(errno));
  if (listens == 0 || type != SOCK_STREAM)
    return std::unexpected("it is no listening stream socket: give it as ListenStream=, without Accept=yes");
  sockaddr_storage bound{};
  size = sizeof bound;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size) != 0)
    return std::unexpected(error_text(errno));
  if (bound.ss_family == AF_UNIX) {
    const std::size_t length = size - std::min<std::size_t>(size, offsetof(sockaddr_un, sun_path));
    std::string path(reinterpret_cast<const sockaddr_un&>(bound).sun_path, length);
    if (path.starts_with('\0')) return "@" + path.substr(1);  // in the abstract namespace, see unix(7)
    return path.substr(0, path.find('\0'));
  }
  const Address address(reinterpret_cast<const sockaddr*>(&bound), size);
  if (!address.valid()) return std::unexpected("it is neither IPv4 nor IPv6, nor a Unix socket");
  return address.text_with_port();
}

// As those that are opened here.
bool prepare(int descriptor) {
  const int flags = fcntl(descriptor, F_GETFL);
  return flags >= 0 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 &&
         fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0;
}

}  // namespace

InheritedSockets::~InheritedSockets() {
  for (const auto& [name, descriptor] : sockets_) ::close(descriptor);
}

std::expected<InheritedSockets, std::string> InheritedSockets::of_this_process() {
  const char* const process = std::getenv("LISTEN_PID");
  const char* const count_text = std::getenv("LISTEN_FDS");
  if (process == nullptr || count_text == nullptr || number_of(process) != ::getpid())
    return InheritedSockets();
  const auto count = number_of(count_text);
  if (!count || *count < 0) {
    return std::unexpected(
        fmt::format("$LISTEN_FDS is '{}', and no number of sockets: it is for the service manager to set, "
                    "with $LISTEN_PID; unset both to open the sockets here.",
                    count_text));
  }
  std::vector<int> descriptors;
  // A number that is too high ends at the first descriptor that is not there.
  for (int at = 0; at < *count && fcntl(kFirst + at, F_GETFD) >= 0; ++at) descriptors.push_back(kFirst + at);
  if (descriptors.size() < static_cast<std::size_t>(*count)) {
    return std::unexpected(
        fmt::format("$LISTEN_FDS promises {} sockets, but descriptor {} is not open: it is for the service "
                    "manager to set; unset it to open the sockets here.",
                    *count, kFirst + static_cast<int>(descriptors.size())));
  }
  return take_over(descriptors);
}

std::expected<InheritedSockets, std::string> InheritedSockets::take_over(std::span<const int> descriptors) {
  InheritedSockets made;
  std::string wrong;
  for (const int descriptor : descriptors) {
    const auto name = name_of(descriptor);
    const bool known = name && made.sockets_.contains(*name);
    if (name && !known && prepare(descriptor)) {
      made.sockets_.emplace(*name, descriptor);
      continue;
    }
    const std::string why = known ? *name + " is given twice" : name ? error_text(errno) : name.error();
    if (wrong.empty()) {
      wrong = fmt::format(
          "descriptor {}, which the service manager gave as a socket to listen on, cannot be used: {}. See "
          "halley.socket.",
          descriptor, why);
    }
    ::close(descriptor);
  }
  if (!wrong.empty()) return std::unexpected(wrong);
  return made;
}

std::optional<int> InheritedSockets::take(const std::string& name) {
  const auto found = sockets_.find(name);
  if (found == sockets_.end()) return std::nullopt;
  const int descriptor = found->second;
  sockets_.erase(found);
  return descriptor;
}

std::vector<std::string> InheritedSockets::left() const {
  std::vector<std::string> names;
  for (const auto& [name, descriptor] : sockets_) names.push_back(name);
  return names;
}

}  // namespace halley::net
