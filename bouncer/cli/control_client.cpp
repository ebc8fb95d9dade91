#include "bouncer/cli/control_client.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace halley::cli {
namespace {

class Socket {
 public:
  Socket() : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Up to the newline, which is left out; false when the daemon went away before. `rest`: what has come behind
// the last one.
bool receive_line(int fd, std::string& rest, std::string& line) {
  char buffer[64 * 1024];
  std::size_t searched = 0;
  while (true) {
    if (const std::size_t end = rest.find('\n', searched); end != std::string::npos) {
      line.assign(rest, 0, end);
      rest.erase(0, end + 1);
      return true;
    }
    searched = rest.size();
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    rest.append(buffer, static_cast<std::size_t>(got));
  }
}

}  // namespace

std::expected<std::optional<CommandResult>, std::string> ask_daemon(const std::filesystem::path& socket,
                                                                    const ControlRequest& request,
                                                                    const OnPiece& on_piece,
                                                                    const storage::OnProgress& on_progress) {
  const auto line = format_request(request);
  if (!line) return std::unexpected(line.error());
  if (line->size() > kMostRequest) return std::unexpected("the input is more than 16 MiB; split it");

  const std::string path = socket.string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return std::unexpected(
        fmt::format("the path {} is too long for a socket (107 bytes); choose a shorter data_dir", path));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  const Socket connection;
  if (connection.fd() < 0)
    return std::unexpected(fmt::format("cannot make a socket: {}", std::strerror(errno)));
  if (::connect(connection.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR) return std::nullopt;
    return std::unexpected(fmt::format("cannot talk to the daemon at {}: {}{}", path, std::strerror(errno),
                                       errno == EACCES ? "; run this as the user that runs Halley" : ""));
  }
  std::string rest, reply;
  // A daemon that refuses early may stop reading before all is sent: its answer counts.
  const bool sent = send_all(connection.fd(), *line);
  bool followed = false;
  while (true) {
    if (!receive_line(connection.fd(), rest, reply)) {
      if (followed) return std::unexpected("the daemon went away");
      return std::unexpected(
          sent ? "the daemon went away before it answered; see its log, and whether the change was made"
               : "the daemon went away while it was being asked");
    }
    if (const auto progress = on_progress ? parse_progress(reply) : std::nullopt) {
      on_progress(*progress);
      continue;
    }
    const auto piece = on_piece ? parse_piece(reply) : std::nullopt;
    if (!piece) break;
    followed = true;
    if (!on_piece(*piece)) return CommandResult::done({});
  }
  auto result = parse_reply(reply);
  if (!result) return std::unexpected(result.error());
  return std::move(*result);
}

}  // namespace halley::cli
