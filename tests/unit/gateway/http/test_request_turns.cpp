#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/http/http_connection.h"
#include "gateway/http/request_turns.h"
#include "tests/fakes/net/fake_clock.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/fakes/net/fake_peer.h"
#include "tests/fakes/net/fake_stream.h"

using namespace halley;
using namespace halley::gateway;

namespace {

// A server of many connections, each of whose requests takes its time.
class BusyServer : private HttpConnection::Host {
 public:
  // The last one is of another address than all others.
  explicit BusyServer(std::size_t connections, std::uint64_t request_us)
      : request_us_(request_us), loop_(clock_), turns_(loop_) {
    for (std::size_t i = 0; i < connections; ++i) {
      fakes::PipeOptions whole;
      whole.split_reads = false;
      auto [server, client] = fakes::FakeStream::make_pair(loop_, whole);
      peers.push_back(std::make_unique<fakes::FakePeer>(std::move(client)));
      connections_.push_back(std::make_unique<HttpConnection>(
          static_cast<Host&>(*this), std::move(server),
          net::Peer{.address = i + 1 == connections ? "192.0.2.2" : "192.0.2.1",
                    .loopback = false,
                    .tls = false,
                    .cert_fingerprint = {}}));
    }
    loop_.run_turns();
  }
  ~BusyServer() { peers.clear(); }  // they leave the loop

  std::vector<std::unique_ptr<fakes::FakePeer>> peers;
  std::map<std::uint64_t, int> in_turn;  // requests that were handled
  std::vector<std::string> asked;        // paths, in order
  void run() { loop_.run_turns(); }
  int longest_turn() const {
    int most = 0;
    for (const auto& [turn, requests] : in_turn) most = std::max(most, requests);
    return most;
  }

 private:
  void handle(const Request& request, const net::Peer&, Responder respond) override {
    ++in_turn[loop_.turn_number()];
    asked.emplace_back(request.path);
    clock_.advance_us(request_us_);
    respond.send(json_response(200, std::string(request.path)));
  }
  bool is_https(const Request&, const net::Peer&) const override { return false; }
  bool introduce(const ProxyWord&, net::Peer&, std::shared_ptr<void>&) override { return true; }
  std::string take_request_id(const Request&, const net::Peer&) override { return {}; }
  void answered(const HttpConnection::Answered&) override {}
  void ended(HttpConnection&) override {}
  bool has_turn() override { return turns_.take(); }
  void wait_for_turn(HttpConnection& connection, const Request&, const net::Peer& peer) override {
    turns_.wait(connection, peer.address);
  }
  std::uint64_t turn_number() const override { return loop_.turn_number(); }
  std::uint64_t now_ms() const override { return clock_.monotonic_ms(); }
  std::string_view date() override { return "Sun, 06 Nov 1994 08:49:37 GMT"; }

  std::uint64_t request_us_;
  fakes::FakeClock clock_;
  fakes::FakeLoop loop_;
  RequestTurns turns_;
  std::vector<std::unique_ptr<HttpConnection>> connections_;
};

std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

}  // namespace

TEST_CASE("however many connections ask, a turn of the loop handles requests for a millisecond") {
  for (const bool split : {false, true}) {
    INFO("each request comes in two pieces: " << split);
    BusyServer server(256, 1000);
    if (split) {
      for (const auto& peer : server.peers) peer->send("G");
      server.run();
    }
    for (const auto& peer : server.peers) peer->send(std::string_view(get("/")).substr(split ? 1 : 0));
    server.run();
    CHECK(server.asked.size() == 256);
    CHECK(server.longest_turn() == 1);
  }
}

TEST_CASE("short requests of many connections are handled together, as far as the millisecond goes") {
  BusyServer server(64, 100);
  for (const auto& peer : server.peers) peer->send(get("/"));
  server.run();
  CHECK(server.asked.size() == 64);
  CHECK(server.longest_turn() <= 10);
  CHECK(server.longest_turn() > 1);
}

TEST_CASE("requests that wait are handled in turn over connections, each one's in order") {
  BusyServer server(3, 1000);
  for (std::size_t i = 0; i < 3; ++i) {
    std::string all;
    for (int n = 0; n < 3; ++n) all += get("/" + std::to_string(i) + "/" + std::to_string(n));
    server.peers[i]->send(all);
  }
  server.run();
  REQUIRE(server.asked.size() == 9);
  CHECK(server.longest_turn() == 1);
  const auto at = [&](std::size_t i, int n) {
    return std::ranges::find(server.asked, "/" + std::to_string(i) + "/" + std::to_string(n)) -
           server.asked.begin();
  };
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(at(i, 0) < at(i, 1));
    for (std::size_t other = 0; other < 3; ++other) CHECK(at(other, 0) < at(i, 2));  // nobody is two ahead
  }
}

TEST_CASE("an address that asks over many connections is one among those that wait") {
  BusyServer server(100, 1000);
  for (std::size_t i = 0; i < 99; ++i) server.peers[i]->send(get("/many"));
  std::string all;
  for (int n = 0; n < 3; ++n) all += get("/one");
  server.peers[99]->send(all);
  server.run();
  REQUIRE(server.asked.size() == 102);
  CHECK(server.longest_turn() == 1);
  CHECK(std::count(server.asked.begin(), server.asked.begin() + 10, "/one") == 3);
}

TEST_CASE("of what waits each connection has one request handled, also the only one of its address") {
  BusyServer server(101, 100);
  for (std::size_t i = 0; i < 100; ++i) server.peers[i]->send(get("/many"));
  std::string all;
  for (int n = 0; n < 30; ++n) all += get("/one");
  server.peers[100]->send(all);
  server.run();
  REQUIRE(server.asked.size() == 130);
  // Some in the turn in which they came; then one in each, beside nine others.
  for (std::size_t i = 20; i + 20 <= 100; ++i) {
    const auto from = server.asked.begin() + static_cast<std::ptrdiff_t>(i);
    CHECK(std::count(from, from + 20, "/one") <= 4);
  }
}

TEST_CASE("a connection that ends while its request waits is forgotten, and the others are answered") {
  BusyServer server(4, 1000);
  for (const auto& peer : server.peers) peer->send(get("/"));
  server.peers[2]->close();
  server.run();
  CHECK(server.asked.size() >= 3);
  CHECK(server.peers[3]->take().starts_with("HTTP/1.1 200"));
}
