// How far long work has got, at a terminal and over the control socket.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "bouncer/cli/control_client.h"
#include "bouncer/cli/progress_line.h"
#include "tests/fakes/temp_directory.h"

using namespace halley;
using namespace halley::cli;

namespace {

// Standard error is a terminal while it lives.
class Terminal {
 public:
  Terminal() : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)), kept_(::dup(STDERR_FILENO)) {
    REQUIRE(master_ >= 0);
    REQUIRE(::grantpt(master_) == 0);
    REQUIRE(::unlockpt(master_) == 0);
    slave_ = ::open(::ptsname(master_), O_RDWR | O_NOCTTY | O_CLOEXEC);
    REQUIRE(::dup2(slave_, STDERR_FILENO) == STDERR_FILENO);
  }
  ~Terminal() {
    ::dup2(kept_, STDERR_FILENO);
    for (const int fd : {master_, slave_, kept_}) ::close(fd);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // The next line, in as many pieces as it comes.
  std::string shown() const {
    std::string line;
    while (!line.ends_with("\x1b[K")) {
      char text[4096];
      const ssize_t got = ::read(master_, text, sizeof text);
      REQUIRE(got > 0);
      line.append(text, static_cast<std::size_t>(got));
    }
    return line;
  }

 private:
  int master_, slave_ = -1, kept_;
};

}  // namespace

TEST_CASE("at a terminal one line is written over, and taken away at the end") {
  const Terminal terminal;
  std::string shown;
  {
    ProgressLine line;
    REQUIRE(line.shown());
    const auto tell = line.teller();
    REQUIRE(tell);
    tell({.what = "pages copied", .done = 1, .of = 2});
    shown = terminal.shown();
    CHECK(shown == "\rpages copied [###############...............]  50 %\x1b[K");
    tell({.what = "pages copied", .done = 2, .of = 2});  // too soon
    tell({.what = "uploaded files copied", .done = 3});
    shown = terminal.shown();
    CHECK(shown == "\ruploaded files copied: 3\x1b[K");
  }
  shown = terminal.shown();
  CHECK(shown == "\r\x1b[K");
}

TEST_CASE("who asks a daemon hears how far it has got, and then the reply") {
  const fakes::TempDirectory directory;
  const std::string path = (directory / "halley.sock").string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  REQUIRE(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.data(), path.size());
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listener, 1) == 0);
  std::string asked;
  std::thread daemon([listener, &asked] {
    const int peer = ::accept(listener, nullptr, nullptr);
    for (char c = 0; c != '\n' && ::read(peer, &c, 1) == 1;) asked += c;
    const std::string told = format_progress({.what = "pages copied", .done = 1, .of = 2}) +
                             format_progress({.what = "pages copied", .done = 2, .of = 2}) +
                             format_reply(CommandResult::done("copied"));
    (void)!::write(peer, told.data(), told.size());
    ::close(peer);
  });
  std::vector<std::uint64_t> heard;
  const auto answer =
      ask_daemon(path, {{"backup", "/tmp/x"}, "", true}, nullptr,
                 [&heard](const storage::WorkProgress& progress) { heard.push_back(progress.done); });
  daemon.join();
  ::close(listener);
  REQUIRE(answer);
  REQUIRE(*answer);
  CHECK((*answer)->text == "copied");
  CHECK(heard == std::vector<std::uint64_t>{1, 2});
  CHECK(parse_request(asked)->progress);
}
