// UvDialer: what it reaches, and what it says when it does not.
#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "bouncer/net/uv_acceptor.h"
#include "bouncer/net/uv_dialer.h"
#include "tests/fakes/net/fake_peer.h"
#include "tests/unit/net/real_loop.h"
#include "tests/unit/net/socket_pair.h"
#include "tests/unit/net/tls_fixture.h"

using namespace halley::net;
using halley::fakes::FakePeer;

namespace {

struct Fixture : RealLoop, TlsFixture {
  UvDialer dialer{loop, *trusting};
  std::unique_ptr<FakePeer> server_end, client_end;
  Peer server_peer, client_peer;
  std::optional<std::string> error;
  int answers = 0;

  Dialer::Done done() {
    return [this](std::expected<Dialled, std::string> result) {
      ++answers;
      if (!result) {
        error = result.error();
        return;
      }
      client_end = std::make_unique<FakePeer>(std::move(result->stream));
      client_peer = result->peer;
    };
  }
  std::unique_ptr<Acceptor> serve(bool with_tls) {
    UvAcceptors acceptors(loop, server.get());
    ListenAddress address{.host = "127.0.0.1"};
    address.tls = with_tls;
    return good(acceptors.listen(address, [this](std::unique_ptr<Stream> stream, Peer peer) {
      server_end = std::make_unique<FakePeer>(std::move(stream));
      server_peer = std::move(peer);
    }));
  }
  static DialTarget target(std::uint16_t port, const std::string& host = "127.0.0.1") {
    DialTarget made;
    made.host = host;
    made.port = port;
    made.allow_private_hosts = true;
    return made;
  }
  // Dials and waits for the answer; the error, or "".
  std::string dial(const DialTarget& wanted) {
    error.reset();
    const int before = answers;
    const auto attempt = dialer.dial(wanted, done());
    CHECK(answers == before);
    REQUIRE(run_until([&] { return answers > before; }));
    settle();
    CHECK(answers == before + 1);
    return error.value_or("");
  }
  void check_talk() {
    client_end->send("NICK halley\r\n");
    REQUIRE(run_until([&] { return server_end && server_end->received() == "NICK halley\r\n"; }));
    server_end->send("PING\r\n");
    REQUIRE(run_until([&] { return client_end->received() == "PING\r\n"; }));
  }
};

// A port of loopback that nobody listens on.
std::uint16_t closed_port() {
  return raw_listener().second;
}

}  // namespace

TEST_CASE_METHOD(Fixture, "UvDialer connects in plain, by address and by name") {
  const auto acceptor = serve(false);
  const std::string host = GENERATE("127.0.0.1", "localhost");
  REQUIRE(dial(target(acceptor->port(), host)) == "");
  CHECK(client_peer.address == "127.0.0.1");
  CHECK(client_peer.loopback);
  CHECK_FALSE(client_peer.tls);
  check_talk();
}

TEST_CASE_METHOD(Fixture, "UvDialer connects with TLS, verified by pin, and shows its own certificate") {
  const auto acceptor = serve(true);
  const auto own = good(make_self_signed("halley", now));
  DialTarget wanted = target(acceptor->port());
  wanted.tls = true;
  wanted.cert_pins = {files.fingerprint};
  wanted.client_cert_pem = own.certificate;
  wanted.client_key_pem = own.key;
  REQUIRE(dial(wanted) == "");
  CHECK(client_peer.tls);
  CHECK(client_peer.cert_fingerprint == files.fingerprint);
  check_talk();
  CHECK(server_peer.cert_fingerprint == good(pem_fingerprint(own.certificate)));
}

TEST_CASE_METHOD(Fixture, "UvDialer refuses certificates, and invites nobody to pin them blindly") {
  const auto acceptor = serve(true);
  DialTarget wanted = target(acceptor->port());
  wanted.tls = true;
  const std::string where = "127.0.0.1:" + std::to_string(acceptor->port());
  CHECK(dial(wanted) ==
        "cannot talk TLS with " + where +
            ": its certificate is for another name. Ask its operators for the SHA-256 of their "
            "certificate, and pin it if it is this one: " +
            files.fingerprint + ".");
  wanted.cert_pins = {std::string(64, '0')};
  CHECK(dial(wanted) ==
        "cannot talk TLS with " + where +
            ": its certificate is none of those that are pinned. Somebody may be listening in. "
            "Pin another one only when its operators say elsewhere that they have changed it; the "
            "one shown now has the SHA-256 " +
            files.fingerprint + ".");
  wanted.cert_pins = {"no pin"};
  CHECK(dial(wanted).find("\"no pin\" is no fingerprint") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "UvDialer says when the port is not for TLS") {
  const auto acceptor = serve(false);
  DialTarget wanted = target(acceptor->port());
  wanted.tls = true;
  const auto attempt = dialer.dial(wanted, done());
  REQUIRE(run_until([&] { return server_end != nullptr; }));
  server_end->send(":irc.example.org NOTICE * :*** Looking up your hostname\r\n");
  REQUIRE(run_until([&] { return error.has_value(); }));
  CHECK(error->find("the other side does not speak TLS there. Check that this port is for TLS.") !=
        std::string::npos);
}

TEST_CASE_METHOD(Fixture, "UvDialer explains refusals, unknown names and names that are none") {
  const auto port = closed_port();
  CHECK(dial(target(port)) ==
        "cannot connect to 127.0.0.1:" + std::to_string(port) +
            ": connection refused (127.0.0.1). Check host and port, and that the server runs.");
  CHECK(dial(target(6697, "nothing.invalid")).find("cannot find nothing.invalid: ") == 0);
  CHECK(dial(target(6697, std::string(300, 'x'))).find("is no host name") != std::string::npos);
  CHECK_FALSE(dial(target(6697, "")).empty());
}

TEST_CASE_METHOD(Fixture, "UvDialer refuses private addresses unless they are allowed") {
  const auto acceptor = serve(false);
  DialTarget wanted = target(acceptor->port(), GENERATE("127.0.0.1", "localhost", "::ffff:127.0.0.1"));
  wanted.allow_private_hosts = false;
  CHECK(dial(wanted).find(" is private, and those are refused here.") != std::string::npos);
  settle();
  CHECK(server_end == nullptr);
}

TEST_CASE_METHOD(Fixture, "UvDialer binds the local address it is given") {
  const auto acceptor = serve(false);
  DialTarget wanted = target(acceptor->port());
  wanted.bind_address = "127.0.0.9";
  REQUIRE(dial(wanted) == "");
  REQUIRE(run_until([&] { return server_end != nullptr; }));
  CHECK(server_peer.address == "127.0.0.9");
  wanted.bind_address = "::1";
  CHECK(dial(wanted).find("no address of the same kind") != std::string::npos);
  wanted.bind_address = "eth0";
  CHECK(dial(wanted).find("is not a numeric one") != std::string::npos);
  wanted.bind_address = "192.0.2.1";
  CHECK_FALSE(dial(wanted).empty());
}

TEST_CASE_METHOD(Fixture, "UvDialer tells the two ends of a connection before it is there") {
  const auto acceptor = serve(false);
  DialTarget wanted = target(acceptor->port());
  Address local, remote;
  int told = 0;
  wanted.on_attempt = [&](const Address& near, const Address& far) {
    CHECK(answers == 0);
    local = near;
    remote = far;
    ++told;
  };
  REQUIRE(dial(wanted).empty());
  CHECK(told == 1);
  CHECK(local.text() == "127.0.0.1");
  CHECK(local.port() != 0);
  CHECK(remote.port() == acceptor->port());
  REQUIRE(run_until([&] { return server_end != nullptr; }));
  CHECK(server_end->stream().local_address() == "127.0.0.1");
}

TEST_CASE_METHOD(Fixture, "UvDialer gives up in time, while connecting and while shaking hands") {
  auto [listener, port] = raw_listener();
  DialTarget wanted = target(port);
  // A slow machine needs more than this to come so far: twice as long then, until the time runs out in that
  // very phase.
  wanted.timeout_ms = 50;
  const auto gives_up = [&](const std::string& doing) {
    std::string answer = dial(wanted);
    for (; !answer.starts_with(doing) && wanted.timeout_ms < 10'000; answer = dial(wanted))
      wanted.timeout_ms *= 2;
    CAPTURE(answer);
    CHECK(answer.starts_with(doing + " 127.0.0.1:" + std::to_string(port) + ": no answer within " +
                             std::to_string((wanted.timeout_ms + 999) / 1000) + " s."));
  };
  SECTION("connecting") {
    // A full queue of connections that nobody accepts: the kernel answers no more.
    ::listen(listener.get(), 0);
    RawSocket first(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    RawSocket second(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port);
    for (const auto* filler : {&first, &second}) {
      (void)connect(filler->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
    gives_up("cannot connect to");
  }
  SECTION("shaking hands") {
    wanted.tls = true;
    gives_up("cannot talk TLS with");
  }
}

TEST_CASE_METHOD(Fixture, "UvDialer's dials can be cancelled at any time, and then say nothing") {
  auto [listener, port] = raw_listener();
  DialTarget wanted = target(port, GENERATE("127.0.0.1", "nothing.invalid", "localhost"));
  wanted.tls = true;
  int turns = GENERATE(0, 1, 2, 3, 5, 20);
  auto attempt = dialer.dial(wanted, done());
  REQUIRE(run_until([&] { return turns-- <= 0 || answers > 0; }));
  if (answers == 0) {
    attempt.reset();
    settle();
    CHECK(answers == 0);
  }
}

TEST_CASE_METHOD(Fixture, "UvDialer's dials may be destroyed in their own answer") {
  const auto acceptor = serve(true);
  std::unique_ptr<Dial> attempt;
  int called = 0;
  const auto destroy = [&](std::expected<Dialled, std::string>) {
    ++called;
    attempt.reset();
  };
  SECTION("a stream") {
    DialTarget wanted = target(acceptor->port());
    wanted.tls = true;
    wanted.cert_pins = {files.fingerprint};
    attempt = dialer.dial(wanted, destroy);
  }
  SECTION("a refused certificate") {
    DialTarget wanted = target(acceptor->port());
    wanted.tls = true;
    attempt = dialer.dial(wanted, destroy);
  }
  SECTION("a refused connection") {
    attempt = dialer.dial(target(closed_port()), destroy);
  }
  SECTION("no name") {
    attempt = dialer.dial(target(1, std::string(300, 'x')), destroy);
  }
  SECTION("a timeout") {
    const auto [listener, port] = raw_listener();
    DialTarget wanted = target(port);
    wanted.tls = true;
    wanted.timeout_ms = 20;
    attempt = dialer.dial(wanted, destroy);
    REQUIRE(run_until([&] { return called == 1; }));
  }
  REQUIRE(run_until([&] { return called == 1; }));
}

TEST_CASE_METHOD(Fixture,
                 "UvDialer reaches a host by a SOCKS5 proxy, and keeps what the network said at once") {
  using namespace std::string_literals;
  const bool with_tls = GENERATE(false, true);
  const auto proxy = serve(false);
  auto wanted = target(6667, "irc.example.onion");
  wanted.tls = with_tls;
  wanted.allow_private_hosts = false;
  wanted.bind_address = "2001:db8::7";  // not towards a proxy
  wanted.proxy_host = "127.0.0.1";
  wanted.proxy_port = proxy->port();
  wanted.proxy_user = "me";
  const auto attempt = dialer.dial(wanted, done());
  const auto comes = [&](const std::string& bytes) {
    REQUIRE(run_until([&] { return server_end && server_end->received().size() >= bytes.size(); }));
    CHECK(server_end->take() == bytes);
  };
  comes("\x05\x02\x00\x02"s);
  server_end->send("\x05\x00"s);
  comes("\x05\x01\x00\x03\x11irc.example.onion\x1a\x0b"s);
  if (with_tls) {
    server_end->send("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00not TLS at all\r\n"s);
    REQUIRE(run_until([&] { return error.has_value(); }));
    CHECK(error->contains("cannot talk TLS with irc.example.onion:6667"));
    return;
  }
  server_end->send("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00:srv NOTICE * :hello\r\n"s);
  REQUIRE(run_until([&] { return client_end && client_end->received() == ":srv NOTICE * :hello\r\n"; }));
  CHECK(answers == 1);
  client_end->take();
  check_talk();
}

TEST_CASE_METHOD(Fixture, "UvDialer says what a SOCKS5 proxy refuses, and asks it for nothing private") {
  using namespace std::string_literals;
  auto wanted = target(6667, "irc.example.org");
  wanted.proxy_host = "127.0.0.1";
  wanted.proxy_port = closed_port();
  CHECK(dial(wanted).contains("cannot reach the SOCKS proxy 127.0.0.1:"));
  const auto proxy = serve(false);
  wanted.proxy_port = proxy->port();
  wanted.allow_private_hosts = false;
  for (const char* host : {"127.0.0.1", "10.0.0.1", "localhost", "::1"}) {
    wanted.host = host;
    CHECK(dial(wanted).contains("refused here"));
  }
  CHECK(server_end == nullptr);
  wanted.host = "irc.example.org";
  const bool closes = GENERATE(false, true);
  const auto attempt = dialer.dial(wanted, done());
  REQUIRE(run_until([&] { return server_end && server_end->received().size() == 4; }));
  error.reset();
  if (closes) {
    server_end->close();
  } else {
    server_end->send("\x05\xff"s);
  }
  REQUIRE(run_until([&] { return error.has_value(); }));
  CHECK(error->contains(closes ? "closed the connection" : "asks for a login"));
}
