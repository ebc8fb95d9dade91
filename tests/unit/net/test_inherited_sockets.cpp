// Sockets of the service manager: which are taken, and what is said of those that cannot be used.
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "bouncer/net/inherited_sockets.h"
#include "bouncer/net/uv_acceptor.h"
#include "tests/fakes/net/fake_peer.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/net/real_loop.h"
#include "tests/unit/net/socket_pair.h"

using namespace halley::net;
using halley::fakes::FakePeer;

namespace {

struct Manager : RealLoop {
  std::vector<std::string> problems;
  std::vector<std::unique_ptr<FakePeer>> accepted;

  Acceptors::OnAccept on_accept() {
    return [this](std::unique_ptr<Stream> stream, const Peer&) {
      accepted.push_back(std::make_unique<FakePeer>(std::move(stream)));
    };
  }
  UvAcceptors acceptors(InheritedSockets& inherited) {
    return {loop, nullptr,
            [this](AcceptProblem, const std::string& sentence) { problems.push_back(sentence); }, nullptr,
            &inherited};
  }
};

InheritedSockets taken_over(std::initializer_list<int> descriptors) {
  auto taken = InheritedSockets::take_over(std::vector<int>(descriptors));
  if (!taken) throw std::runtime_error(taken.error());
  return std::move(*taken);
}

std::string refusal(std::initializer_list<int> descriptors) {
  const auto taken = InheritedSockets::take_over(std::vector<int>(descriptors));
  return taken ? "taken" : taken.error();
}

std::string at(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

}  // namespace

TEST_CASE_METHOD(Manager, "a socket of the service manager is listened on, with whoever waits in it") {
  auto [listener, port] = raw_listener();
  const RawSocket early = raw_connect(port);
  InheritedSockets inherited = taken_over({listener.release()});
  CHECK(inherited.left() == std::vector<std::string>{at(port)});
  const auto acceptor = acceptors(inherited).listen({.host = "127.0.0.1", .port = port}, on_accept());
  REQUIRE(acceptor);
  CHECK((*acceptor)->port() == port);
  CHECK(inherited.left().empty());
  CHECK(early.send("first"));
  REQUIRE(run_until([&] { return accepted.size() == 1 && accepted[0]->received() == "first"; }));
  // What it has not is opened here; the same address cannot be had twice.
  CHECK(acceptors(inherited).listen({.host = "127.0.0.1"}, on_accept()));
  const auto again = acceptors(inherited).listen({.host = "127.0.0.1", .port = port}, on_accept());
  REQUIRE_FALSE(again);
  CHECK(again.error().find("another program uses it already") != std::string::npos);
}

TEST_CASE_METHOD(Manager, "a Unix socket of the service manager stays in its place, with its mode") {
  const halley::fakes::TempDirectory dir;
  const std::string path = dir / "http.sock";
  RawSocket listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(listen(listener.get(), 16) == 0);
  REQUIRE(chmod(path.c_str(), 0606) == 0);
  InheritedSockets inherited = taken_over({listener.release()});
  auto acceptor = acceptors(inherited).listen({.unix_path = path, .unix_mode = 0660}, on_accept());
  REQUIRE(acceptor);
  RawSocket client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(run_until([&] { return accepted.size() == 1; }));
  acceptor->reset();
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0606);
}

TEST_CASE("what is no listening socket, or is given twice, is refused by its number") {
  auto pair = unix_pair();
  const int stream = pair.near.release();
  CHECK_THAT(refusal({stream}), Catch::Contains("descriptor " + std::to_string(stream)) &&
                                    Catch::Contains("no listening stream socket"));
  const int datagram = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  CHECK_THAT(refusal({datagram}), Catch::Contains("no listening stream socket"));
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  CHECK_THAT(refusal({file}), Catch::Contains("descriptor " + std::to_string(file)));
  CHECK(fcntl(file, F_GETFD) < 0);  // ours, so it was closed
  auto [listener, port] = raw_listener();
  const int twin = dup(listener.get());
  CHECK_THAT(refusal({listener.release(), twin}), Catch::Contains(at(port) + " is given twice"));
}

TEST_CASE("the environment counts the sockets, and is another process's unless it names this one") {
  const auto with = [](const std::string& process, const std::string& count) {
    ::setenv("LISTEN_PID", process.c_str(), 1);
    ::setenv("LISTEN_FDS", count.c_str(), 1);
    const auto taken = InheritedSockets::of_this_process();
    ::unsetenv("LISTEN_PID");
    ::unsetenv("LISTEN_FDS");
    if (!taken) return taken.error();
    return std::to_string(taken->left().size()) + " sockets";
  };
  const std::string own = std::to_string(::getpid());
  CHECK(InheritedSockets::of_this_process().value().left().empty());
  CHECK(with("1", "1") == "0 sockets");
  CHECK(with(own, "0") == "0 sockets");
  CHECK_THAT(with(own, "many"), Catch::Contains("$LISTEN_FDS is 'many'"));
  CHECK_THAT(with(own, "-1"), Catch::Contains("$LISTEN_FDS is '-1'"));
  CHECK_THAT(with(own, "999999999"), Catch::Contains("is not open") || Catch::Contains("cannot be used"));
}
