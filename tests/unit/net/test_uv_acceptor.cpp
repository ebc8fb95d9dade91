// UvAcceptors: TCP, Unix and TLS listeners, and the words for each refusal.
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bouncer/net/tls_stream.h"
#include "bouncer/net/uv_acceptor.h"
#include "bouncer/net/uv_socket.h"
#include "tests/fakes/net/fake_peer.h"
#include "tests/unit/net/real_loop.h"
#include "tests/unit/net/socket_pair.h"
#include "tests/unit/net/tls_fixture.h"

using namespace halley::net;
using halley::fakes::FakePeer;

namespace {

struct Fixture : RealLoop {
  std::vector<std::string> problems;
  std::vector<std::unique_ptr<FakePeer>> accepted;
  std::vector<Peer> peers;

  Acceptors::OnAccept on_accept() {
    return [this](std::unique_ptr<Stream> stream, Peer peer) {
      accepted.push_back(std::make_unique<FakePeer>(std::move(stream)));
      peers.push_back(std::move(peer));
    };
  }
  UvAcceptors acceptors(const TlsContext* tls = nullptr) {
    return {loop, tls, [this](AcceptProblem, const std::string& sentence) { problems.push_back(sentence); }};
  }
  static ListenAddress tcp(std::uint16_t port = 0) { return {.host = "127.0.0.1", .port = port}; }
  static ListenAddress unix_socket(const std::string& path) { return {.unix_path = path}; }
};

RawSocket connect_unix(const std::string& path) {
  RawSocket out(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  require(connect(out.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "connect");
  return out;
}

// Lets this process open so many files while it lives.
class MoreFiles {
 public:
  explicit MoreFiles(rlim_t files) {
    require(getrlimit(RLIMIT_NOFILE, &before_) == 0, "getrlimit");
    rlimit more = before_;
    more.rlim_cur = std::max(more.rlim_cur, files);
    more.rlim_max = std::max(more.rlim_max, more.rlim_cur);
    require(setrlimit(RLIMIT_NOFILE, &more) == 0, "setrlimit");
  }
  ~MoreFiles() { setrlimit(RLIMIT_NOFILE, &before_); }
  MoreFiles(const MoreFiles&) = delete;
  MoreFiles& operator=(const MoreFiles&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE_METHOD(Fixture, "UvAcceptor accepts many at once, each with its peer") {
  const auto acceptor = good(acceptors().listen(tcp(), on_accept()));
  REQUIRE(acceptor->port() != 0);
  std::vector<RawSocket> clients;
  for (int count = 0; count < 150; ++count) clients.push_back(raw_connect(acceptor->port()));
  REQUIRE(run_until([&] { return accepted.size() == clients.size(); }));
  CHECK(peers[0].address == "127.0.0.1");
  CHECK(peers[0].loopback);
  CHECK_FALSE(peers[0].tls);
  CHECK(clients[7].send("hello"));
  accepted[9]->send("back");
  REQUIRE(run_until([&] { return accepted[7]->received() == "hello" && clients[9].receive() == "back"; }));
}

TEST_CASE_METHOD(Fixture, "UvAcceptor listens on IPv6") {
  const auto acceptor = acceptors().listen({.host = "::1"}, on_accept());
  if (!acceptor) {
    WARN("no IPv6 here: " << acceptor.error());
    return;
  }
  RawSocket client(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  address.sin6_port = htons((*acceptor)->port());
  REQUIRE(connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(run_until([&] { return accepted.size() == 1; }));
  CHECK(peers[0].address == "::1");
  CHECK(peers[0].loopback);
}

TEST_CASE_METHOD(Fixture, "UvAcceptor listens on [::] for both families, or for IPv6 beside 0.0.0.0") {
  const auto all = acceptors().listen({.host = "::"}, on_accept());
  if (!all) {
    WARN("no IPv6 here: " << all.error());
    return;
  }
  const RawSocket client = raw_connect((*all)->port());
  REQUIRE(run_until([&] { return accepted.size() == 1; }));
  CHECK(peers[0].address == "127.0.0.1");
  CHECK(peers[0].loopback);
  CHECK_FALSE(acceptors().listen({.host = "0.0.0.0", .port = (*all)->port()}, on_accept()));

  const auto ipv4 = good(acceptors().listen({.host = "0.0.0.0"}, on_accept()));
  CHECK(acceptors().listen({.host = "::", .port = ipv4->port(), .ipv6_only = true}, on_accept()));
}

TEST_CASE_METHOD(Fixture, "UvAcceptor says why it cannot listen, and how to mend it") {
  const auto first = good(acceptors().listen(tcp(), on_accept()));
  const auto second = acceptors().listen(tcp(first->port()), on_accept());
  REQUIRE_FALSE(second);
  CHECK(second.error() == "cannot listen on 127.0.0.1:" + std::to_string(first->port()) +
                              ": another program uses it already. Stop that one, or choose another port.");
  const auto foreign = acceptors().listen({.host = "192.0.2.1"}, on_accept());
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().find("this machine has no such address") != std::string::npos);
  const auto nameless = acceptors().listen({.host = "nothing.invalid", .port = 1}, on_accept());
  REQUIRE_FALSE(nameless);
  CHECK(nameless.error().find("cannot listen on nothing.invalid:1: ") == 0);
  const auto bare = acceptors().listen({.host = "127.0.0.1", .tls = true}, on_accept());
  REQUIRE_FALSE(bare);
  CHECK(bare.error().find("no certificate is loaded") != std::string::npos);
}

TEST_CASE_METHOD(Fixture,
                 "UvAcceptor stops listening when destroyed, from its own callback too; streams live on") {
  std::unique_ptr<Acceptor> acceptor;
  std::uint16_t port = 0;
  acceptor = good(acceptors().listen(tcp(), [&](std::unique_ptr<Stream> stream, const Peer&) {
    acceptor.reset();
    accepted.push_back(std::make_unique<FakePeer>(std::move(stream)));
  }));
  port = acceptor->port();
  const RawSocket one = raw_connect(port), two = raw_connect(port);
  REQUIRE(run_until([&] { return accepted.size() == 1; }));
  CHECK_THROWS(raw_connect(port));
  CHECK(one.send("still here"));
  REQUIRE(run_until([&] { return accepted[0]->received() == "still here"; }));
}

TEST_CASE_METHOD(Fixture, "UvAcceptor rests when descriptors run out, says so, and goes on") {
  const auto acceptor = good(acceptors().listen(tcp(), on_accept()));
  const RawSocket client = raw_connect(acceptor->port());
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const RawSocket lowest(dup(client.get()));
  const rlimit low{static_cast<rlim_t>(lowest.get()) + 1, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &low) == 0);
  const bool told = run_until([&] { return !problems.empty(); });
  setrlimit(RLIMIT_NOFILE, &before);
  REQUIRE(told);
  CHECK(problems[0].find("too many open files. New ones wait.") != std::string::npos);
  settle();
  CHECK(accepted.empty());
  REQUIRE(run_until([&] { return accepted.size() == 1; }));
  CHECK(problems.size() == 1);
}

TEST_CASE_METHOD(Fixture, "UvAcceptor serves a Unix socket with its mode, and unlinks it at the end") {
  const halley::fakes::TempDirectory dir;
  const std::string path = dir / "http.sock";
  auto acceptor = good(acceptors().listen(unix_socket(path), on_accept()));
  CHECK(acceptor->port() == 0);
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  const RawSocket client = connect_unix(path);
  REQUIRE(run_until([&] { return accepted.size() == 1; }));
  CHECK(peers[0].address == "unix");
  CHECK(peers[0].loopback);
  CHECK(client.send("x"));
  REQUIRE(run_until([&] { return accepted[0]->received() == "x"; }));

  const auto second = acceptors().listen(unix_socket(path), on_accept());
  REQUIRE_FALSE(second);
  CHECK(second.error().find("another program answers there") != std::string::npos);
  acceptor.reset();
  CHECK(stat(path.c_str(), &status) != 0);

  ListenAddress open = unix_socket(path);
  open.unix_mode = 0666;
  acceptor = good(acceptors().listen(open, on_accept()));
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0666);
}

TEST_CASE_METHOD(Fixture, "UvAcceptor removes a stale Unix socket, but nothing else") {
  const halley::fakes::TempDirectory dir;
  const std::string path = dir / "control.sock";
  {
    RawSocket stale(socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(bind(stale.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  auto acceptor = good(acceptors().listen(unix_socket(path), on_accept()));
  // Another process has put its own in this place meanwhile: that one stays.
  std::filesystem::remove(path);
  write_file(path, "precious");
  acceptor.reset();
  CHECK(std::filesystem::exists(path));
  const auto refused = acceptors().listen(unix_socket(path), on_accept());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().find("a file is there that is no socket") != std::string::npos);
  CHECK(std::filesystem::exists(path));
  CHECK_FALSE(acceptors().listen(unix_socket(dir / "none/x.sock"), on_accept()));
  CHECK(acceptors()
            .listen(unix_socket(dir / std::string(120, 'x')), on_accept())
            .error()
            .find("longer than 107") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "UvAcceptor gives its descriptor up: nobody who connects is turned away") {
  const halley::fakes::TempDirectory dir;
  const std::string path = dir / "http.sock";
  const bool over_unix = GENERATE(false, true);
  auto acceptor = good(acceptors().listen(over_unix ? unix_socket(path) : tcp(), on_accept()));
  const std::uint16_t port = acceptor->port();
  const auto knock = [&] { return over_unix ? connect_unix(path) : raw_connect(port); };
  const RawSocket before = knock();
  REQUIRE(run_until([&] { return accepted.size() == 1; }));
  const RawSocket given(acceptor->give_up());
  const RawSocket between = knock();
  settle();
  acceptor.reset();
  settle();
  const RawSocket after = knock();
  CHECK(accepted.size() == 1);
  CHECK(std::filesystem::exists(path) == over_unix);
  // Both wait in the descriptor, for whoever goes on with it.
  const RawSocket one(accept(given.get(), nullptr, nullptr)), two(accept(given.get(), nullptr, nullptr));
  CHECK(one.get() >= 0);
  CHECK(two.get() >= 0);
  CHECK(before.send("still here"));
  REQUIRE(run_until([&] { return accepted[0]->received() == "still here"; }));
}

TEST_CASE_METHOD(Fixture, "UvAcceptor may be given up in its own callback; handshakes end where they began") {
  std::unique_ptr<Acceptor> acceptor;
  int given = -1;
  acceptor = good(acceptors().listen(tcp(), [&](std::unique_ptr<Stream> stream, const Peer&) {
    accepted.push_back(std::make_unique<FakePeer>(std::move(stream)));
    given = acceptor->give_up();
  }));
  const RawSocket one = raw_connect(acceptor->port()), two = raw_connect(acceptor->port());
  REQUIRE(run_until([&] { return accepted.size() == 1; }));
  settle();
  CHECK(accepted.size() == 1);
  RawSocket(given).close();

  const TlsFixture tls;
  ListenAddress address = tcp();
  address.tls = true;
  acceptor = good(acceptors(tls.server.get()).listen(address, on_accept()));
  RawSocket raw = raw_connect(acceptor->port());
  raw.nonblocking();
  TlsStream client(loop, std::make_unique<UvSocket>(loop, raw.release()),
                   tls.client_engine({.host = "irc.example.org"}));
  bool shaken = false;
  settle();
  const RawSocket socket(acceptor->give_up());
  client.handshake([&](const std::string& error) { shaken = error.empty(); });
  REQUIRE(run_until([&] { return accepted.size() == 2 && shaken; }));
  CHECK(accepted[1]->stream().give_up().error() == "a connection with TLS cannot be handed over");
}

TEST_CASE_METHOD(Fixture, "UvAcceptor closes what is over an address's limit, until a place is free again") {
  AddressLimits limits([] { return std::size_t{2}; }, [](const Address&) { return false; });
  UvAcceptors with_limits(
      loop, nullptr, [this](AcceptProblem, const std::string& sentence) { problems.push_back(sentence); },
      &limits);
  ListenAddress address = tcp();
  address.crowded_reply = "ERROR :too many\r\n";
  const auto acceptor = good(with_limits.listen(address, on_accept()));
  const RawSocket one = raw_connect(acceptor->port());
  RawSocket two = raw_connect(acceptor->port()), three = raw_connect(acceptor->port());
  std::string heard;
  bool ended = false;
  REQUIRE(run_until([&] {
    heard += three.receive(&ended);
    return ended;
  }));
  CHECK(heard == "ERROR :too many\r\n");
  CHECK(accepted.size() == 2);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].find("127.0.0.1 has as many as one address may have") != std::string::npos);

  accepted[0]->destroy();
  three = raw_connect(acceptor->port());
  REQUIRE(run_until([&] { return accepted.size() == 3; }));
  // A stream that said goodbye keeps its place as long as its descriptor lingers.
  accepted[1]->close();
  REQUIRE(run_until([&] { return accepted[1]->closed(); }));
  accepted[1]->destroy();
  CHECK_FALSE(limits.take(Address::numeric("127.0.0.1", 0)));
  two.close();
  REQUIRE(run_until([&] { return limits.take(Address::numeric("127.0.0.1", 0)).has_value(); }));
}

TEST_CASE_METHOD(Fixture,
                 "UvAcceptor hands TLS streams over after their handshake, with the client's fingerprint") {
  const TlsFixture tls;
  const auto own = good(make_self_signed("halley", tls.now));
  ListenAddress address = tcp();
  address.tls = true;
  address.ask_certificate = GENERATE(true, false);
  const auto acceptor = good(acceptors(tls.server.get()).listen(address, on_accept()));
  RawSocket raw = raw_connect(acceptor->port());
  raw.nonblocking();
  auto client = std::make_unique<TlsStream>(
      loop, std::make_unique<UvSocket>(loop, raw.release()),
      tls.client_engine(
          {.host = "irc.example.org", .certificate_pem = own.certificate, .certificate_key_pem = own.key}));
  std::string error = "not yet";
  client->handshake([&](const std::string& result) { error = result; });
  REQUIRE(run_until([&] { return accepted.size() == 1 && error.empty(); }));
  CHECK(peers[0].tls);
  CHECK(peers[0].cert_fingerprint == (address.ask_certificate ? good(pem_fingerprint(own.certificate)) : ""));
  CHECK(peers[0].cert_sha512 == (address.ask_certificate ? sha512_of_pem(own.certificate) : ""));
  FakePeer peer(std::move(client));
  const std::string big(3'000'000, 'x');
  peer.send("hello");
  accepted[0]->send(big);
  REQUIRE(
      run_until([&] { return accepted[0]->received() == "hello" && peer.received().size() == big.size(); }));
  accepted[0]->close();
  REQUIRE(run_until([&] { return peer.closed(); }));
  CHECK(peer.reason().empty());
}

TEST_CASE_METHOD(Fixture, "UvAcceptor drops handshakes that fail, and tells it") {
  const TlsFixture tls;
  ListenAddress address = tcp();
  address.tls = true;
  const auto acceptor = good(acceptors(tls.server.get()).listen(address, on_accept()));
  const RawSocket plain = raw_connect(acceptor->port());
  CHECK(plain.send("NICK halley\r\n"));
  REQUIRE(run_until([&] { return problems.size() == 1; }));
  CHECK(problems[0] == "TLS handshake with 127.0.0.1 on 127.0.0.1:" + std::to_string(acceptor->port()) +
                           " failed: the other side does not speak TLS there.");
  {
    const RawSocket silent = raw_connect(acceptor->port());
    settle();
  }
  REQUIRE(run_until([&] { return problems.size() == 2; }));
  CHECK(problems[1].find("closed the connection during the handshake") != std::string::npos);
  CHECK(accepted.empty());
  // One that never finishes goes with its acceptor.
  const RawSocket endless = raw_connect(acceptor->port());
  settle();
}

TEST_CASE_METHOD(Fixture, "UvAcceptor ends a handshake that takes longer than it may") {
  CHECK(acceptors().handshake_ms == 10'000);
  const TlsFixture tls;
  ListenAddress address = tcp();
  address.tls = true;
  UvAcceptors made = acceptors(tls.server.get());
  made.handshake_ms = 500;
  const auto acceptor = good(made.listen(address, on_accept()));
  const RawSocket silent = raw_connect(acceptor->port());
  bool ended = false;
  REQUIRE(run_until([&] {
    silent.receive(&ended);
    return ended;
  }));
  REQUIRE(problems.size() == 1);
  CHECK(problems[0] == "TLS handshake with 127.0.0.1 on 127.0.0.1:" + std::to_string(acceptor->port()) +
                           " took longer than 0.5 s.");
  CHECK(accepted.empty());
}

TEST_CASE_METHOD(Fixture, "UvAcceptor has 1,024 handshakes at once: for one more the oldest goes") {
  const MoreFiles files(4096);
  const TlsFixture tls;
  ListenAddress address = tcp();
  address.tls = true;
  const auto acceptor = good(acceptors(tls.server.get()).listen(address, on_accept()));
  std::vector<RawSocket> silent;
  for (int i = 0; i < 1025; ++i) {
    silent.push_back(raw_connect(acceptor->port()));
    if (i % 50 == 0) settle();
  }
  bool ended = false;
  REQUIRE(run_until([&] {
    silent[0].receive(&ended);
    return ended;
  }));
  bool next_ended = false;
  silent[1].receive(&next_ended);
  CHECK_FALSE(next_ended);
}
