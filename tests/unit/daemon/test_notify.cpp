#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstddef>
#include <string>

#include "bouncer/daemon/notify.h"
#include "tests/fakes/temp_directory.h"

using halley::notify_service_manager;

namespace {

// A service manager's end: a datagram socket at `path` ("@..." in the abstract namespace), named in
// $NOTIFY_SOCKET.
class Manager {
 public:
  explicit Manager(const std::string& path) : descriptor_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (path[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    REQUIRE(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~Manager() {
    ::unsetenv("NOTIFY_SOCKET");
    ::close(descriptor_);
  }
  std::string told() const {
    char text[64];
    const ssize_t size = ::recv(descriptor_, text, sizeof text, MSG_DONTWAIT);
    return size < 0 ? std::string("nothing") : std::string(text, static_cast<std::size_t>(size));
  }

 private:
  int descriptor_;
};

}  // namespace

TEST_CASE("the service manager is told when it asks") {
  const halley::fakes::TempDirectory directory;
  const std::string socket = directory / "notify";
  SECTION("at a path") {
    const Manager manager(socket);
    CHECK(notify_service_manager("READY=1"));
    CHECK(manager.told() == "READY=1");
    CHECK(manager.told() == "nothing");
  }
  SECTION("in the abstract namespace") {
    const Manager manager("@" + socket);
    CHECK(notify_service_manager("STOPPING=1"));
    CHECK(manager.told() == "STOPPING=1");
  }
  SECTION("not when it does not ask") {
    CHECK(notify_service_manager("READY=1"));
  }
  SECTION("and a socket that is not there is an error that says which") {
    for (const std::string& path : {socket, std::string("relative"), std::string(200, '/')}) {
      ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
      const auto done = notify_service_manager("READY=1");
      ::unsetenv("NOTIFY_SOCKET");
      REQUIRE_FALSE(done);
      CHECK(done.error().find(path) != std::string::npos);
    }
  }
}

TEST_CASE("the watchdog's period is read, when it is for this process") {
  const auto period = [](const char* us, const char* process) {
    if (us != nullptr) ::setenv("WATCHDOG_USEC", us, 1);
    if (process != nullptr) ::setenv("WATCHDOG_PID", process, 1);
    const auto read = halley::watchdog_period_ms();
    ::unsetenv("WATCHDOG_USEC");
    ::unsetenv("WATCHDOG_PID");
    return read;
  };
  const std::string own = std::to_string(::getpid());
  CHECK(period(nullptr, nullptr) == 0);
  CHECK(period("120000000", nullptr) == 120'000);
  CHECK(period("120000000", own.c_str()) == 120'000);
  CHECK(period("120000000", "1") == 0);
  for (const char* wrong : {"", "soon", "10s", "0", "-5"}) {
    CAPTURE(wrong);
    const auto refused = period(wrong, nullptr);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().find("$WATCHDOG_USEC is '" + std::string(wrong) + "'") != std::string::npos);
  }
}
