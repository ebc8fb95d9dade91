#include <catch2/catch.hpp>

#include "bouncer/daemon/proxied_door.h"
#include "tests/fakes/net/fake_clock.h"
#include "tests/fakes/net/fake_peer.h"
#include "tests/fakes/net/fake_stream.h"

using namespace halley;

namespace {

const std::string kFirst = "PROXY TCP4 203.0.113.9 192.0.2.1 4711 6667\r\n";

struct DoorBench {
  DoorBench() { config.http.trusted_proxies = {"10.0.0.0/8"}; }

  struct Served final : net::Stream::Listener {
    void on_data(std::string_view bytes) override { heard += bytes; }
    void on_drained() override {}
    void on_closed(std::string_view) override { closed = true; }
    std::unique_ptr<net::Stream> stream;
    net::Peer peer;
    std::string heard;
    bool closed = false;
  };

  fakes::FakePeer& connect(const std::string& address, std::uint64_t seed = 1, bool tls = false) {
    auto [near, far] = fakes::FakeStream::make_pair(loop, {.seed = seed});
    peers.push_back(std::make_unique<fakes::FakePeer>(std::move(far)));
    door.accept(std::move(near), {.address = address, .loopback = false, .tls = tls, .cert_fingerprint = {}});
    return *peers.back();
  }

  Config config;
  fakes::FakeClock clock;
  fakes::FakeLoop loop{clock};
  net::AddressLimits addresses{[] { return std::size_t{2}; }, [](const net::Address&) { return false; }};
  std::vector<std::unique_ptr<fakes::FakePeer>> peers;
  std::vector<std::unique_ptr<Served>> served;
  ProxiedDoor door{loop, config, addresses, [this](std::unique_ptr<net::Stream> stream, net::Peer peer) {
                     auto one = std::make_unique<Served>();
                     one->stream = std::move(stream);
                     one->peer = std::move(peer);
                     one->stream->listen(*one);
                     one->stream->resume();
                     served.push_back(std::move(one));
                   }};
};

}  // namespace

TEST_CASE("a trusted proxy says by the PROXY protocol which IRC client speaks") {
  const auto seed = GENERATE(range<std::uint64_t>(1, 30));
  DoorBench t;
  fakes::FakePeer& peer = t.connect("10.1.2.3", seed);
  peer.send(kFirst + "NICK kit\r\n");
  t.loop.run_turns();
  REQUIRE(t.served.size() == 1);
  CHECK(t.served[0]->peer.address == "203.0.113.9");
  CHECK_FALSE(t.served[0]->peer.tls);
  CHECK_FALSE(t.served[0]->peer.loopback);
  CHECK(t.served[0]->heard == "NICK kit\r\n");
  peer.send("USER kit 0 * :kit\r\n");
  t.loop.run_turns();
  CHECK(t.served[0]->heard == "NICK kit\r\nUSER kit 0 * :kit\r\n");
  const std::string_view line = "PING :x\r\n";
  t.served[0]->stream->write({&line, 1});
  t.loop.run_turns();
  CHECK(peer.received() == line);
  peer.close();
  t.loop.run_turns();
  CHECK(t.served[0]->closed);
}

TEST_CASE("a trusted proxy without a header is the client itself, and nobody else is believed") {
  const auto seed = GENERATE(range<std::uint64_t>(1, 10));
  DoorBench t;
  t.connect("10.1.2.3", seed).send("PASS kit:secret\r\n");
  t.connect("192.0.2.7", seed).send(kFirst);
  t.connect("10.1.2.3", seed, true).send(kFirst);
  t.loop.run_turns();
  REQUIRE(t.served.size() == 3);
  for (const auto& one : t.served) {
    const bool plain = one->heard == "PASS kit:secret\r\n";
    CHECK(one->peer.address == (plain || one->peer.tls ? "10.1.2.3" : "192.0.2.7"));
    if (!plain) CHECK(one->heard == kFirst);
  }
}

TEST_CASE("a bad header of the PROXY protocol ends an IRC connection with a word") {
  DoorBench t;
  fakes::FakePeer& peer = t.connect("10.1.2.3");
  peer.send("PROXY TCP4 nobody\r\nNICK kit\r\n");
  t.loop.run_turns();
  CHECK(t.served.empty());
  CHECK(peer.received().starts_with("ERROR :Closing link: a header of the PROXY protocol"));
  CHECK(peer.closed());
}

TEST_CASE("who comes through a proxy has as many IRC connections as an address may") {
  DoorBench t;
  for (int i = 0; i < 3; ++i) t.connect("10.1.2.3").send(kFirst);
  t.loop.run_turns();
  CHECK(t.served.size() == 2);
  CHECK(t.peers.back()->received().starts_with("ERROR :Closing link: too many connections"));
  t.served.pop_back();
  t.connect("10.1.2.3").send(kFirst);
  t.loop.run_turns();
  CHECK(t.served.size() == 2);
}

TEST_CASE("half a header is let go, and silence is a client's") {
  DoorBench t;
  fakes::FakePeer& quiet = t.connect("10.1.2.3");
  fakes::FakePeer& half = t.connect("10.1.2.3");
  half.send("PROXY TCP4 ");
  t.loop.run_turns();
  quiet.close();
  t.loop.run_turns();
  CHECK_FALSE(half.closed());
  t.loop.advance(11'000);
  CHECK(half.closed());
  CHECK(t.served.empty());
  fakes::FakePeer& silent = t.connect("10.1.2.3");
  t.loop.advance(11'000);
  t.loop.run_turns();
  REQUIRE(t.served.size() == 1);
  silent.send("NICK kit\r\n");
  t.loop.run_turns();
  CHECK(t.served[0]->heard == "NICK kit\r\n");
}
