#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <map>

#include "gateway/http/http_connection.h"
#include "tests/fakes/net/fake_clock.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/fakes/net/fake_peer.h"
#include "tests/fakes/net/fake_stream.h"

using namespace halley;
using namespace halley::gateway;

namespace {

// A server of one connection that writes down what was asked and answers as the test says.
class Scene : private HttpConnection::Host {
 public:
  explicit Scene(const fakes::PipeOptions& options = {}) : loop_(clock_) {
    auto [server, client] = fakes::FakeStream::make_pair(loop_, options);
    server_side = server.get();
    client_ = std::make_unique<fakes::FakePeer>(std::move(client));
    connection_ = std::make_unique<HttpConnection>(static_cast<Host&>(*this), std::move(server), net::Peer{});
  }

  // What happens to a request; the default answers its path.
  std::function<void(const Request&, Responder)> on_request = [](const Request& request,
                                                                 const Responder& respond) {
    respond.send(json_response(200, std::string(request.path)));
  };
  std::vector<std::string> asked;
  fakes::FakeStream* server_side = nullptr;

  void send(std::string_view bytes) {
    client_->send(bytes);
    loop_.run_turns();
  }
  std::string take() {
    loop_.run_turns();
    return client_->take();
  }
  // The connection's own look at its deadlines, once a second.
  void wait_seconds(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      loop_.advance(1000);
      if (!connection_->over()) connection_->tick(clock_.monotonic_ms());
      loop_.run_turns();
    }
  }
  bool closed() const { return client_->closed(); }
  fakes::FakePeer& client() { return *client_; }
  HttpConnection& connection() { return *connection_; }
  fakes::FakeLoop& loop() { return loop_; }
  void drop() { connection_.reset(); }

 private:
  void handle(const Request& request, const net::Peer&, Responder respond) override {
    asked.push_back(std::string(request.method_name) + " " + std::string(request.path) + " " + request.body);
    on_request(request, std::move(respond));
  }
  bool is_https(const Request& request, const net::Peer&) const override {
    return request.header("x-test") == "https";
  }
  bool introduce(const ProxyWord&, net::Peer&, std::shared_ptr<void>&) override { return true; }
  std::string take_request_id(const Request& request, const net::Peer&) override {
    return std::string(request.header("x-name"));
  }
  void answered(const HttpConnection::Answered&) override {}
  void ended(HttpConnection&) override {}
  bool has_turn() override { return true; }
  void wait_for_turn(HttpConnection& connection, const Request&, const net::Peer&) override {
    loop_.post([&connection] { connection.take_turn(); });
  }
  std::uint64_t turn_number() const override { return loop_.turn_number(); }
  std::uint64_t now_ms() const override { return clock_.monotonic_ms(); }
  std::string_view date() override { return "Sun, 06 Nov 1994 08:49:37 GMT"; }

  fakes::FakeClock clock_;
  fakes::FakeLoop loop_;
  std::unique_ptr<fakes::FakePeer> client_;
  std::unique_ptr<HttpConnection> connection_;
};

// Statuses and bodies of the answers in `bytes`; those to HEAD have none.
std::vector<std::string> answers(std::string_view bytes, bool to_head = false) {
  std::vector<std::string> found;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find("\r\n\r\n");
    REQUIRE(end != std::string_view::npos);
    const std::string head(bytes.substr(0, end));
    std::size_t length = 0;
    if (const std::size_t at = head.find("Content-Length: "); at != std::string::npos && !to_head)
      length = std::stoul(head.substr(at + 16));
    REQUIRE(bytes.size() >= end + 4 + length);
    found.push_back(head.substr(9, 3) + " " + std::string(bytes.substr(end + 4, length)));
    bytes.remove_prefix(end + 4 + length);
  }
  return found;
}

std::string get(std::string_view path, std::string_view headers = {}) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n" + std::string(headers) + "\r\n";
}

}  // namespace

TEST_CASE("of requests that came together eight are answered in a turn of the loop") {
  Scene scene;
  std::map<std::uint64_t, int> in_turn;
  scene.on_request = [&](const Request& request, const Responder& respond) {
    ++in_turn[scene.loop().turn_number()];
    respond.send(json_response(200, std::string(request.path)));
  };
  std::string all;
  std::vector<std::string> expected;
  for (int i = 0; i < 100; ++i) {
    all += get("/" + std::to_string(i));
    expected.push_back("200 /" + std::to_string(i));
  }
  scene.send(all);
  CHECK(answers(scene.take()) == expected);
  CHECK(in_turn.size() >= 100 / 8);
  for (const auto& [turn, requests] : in_turn) CHECK(requests <= 8);
  scene.send(get("/and-on"));
  CHECK(answers(scene.take()) == std::vector<std::string>{"200 /and-on"});
}

TEST_CASE("requests are answered in order, however they are split") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    fakes::PipeOptions options;
    options.seed = seed;
    options.max_chunk = 37;
    options.split_writes = true;
    options.capacity = seed % 2 ? 64 * 1024 : 100;
    Scene scene(options);
    std::string all;
    std::vector<std::string> expected;
    for (int i = 0; i < 20; ++i) {
      const std::string path = "/" + std::to_string(i);
      if (i % 3)
        all += get(path);
      else
        all += "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
      expected.push_back("200 " + path);
    }
    scene.send(all);
    CHECK(answers(scene.take()) == expected);
    CHECK_FALSE(scene.closed());
  }
}

TEST_CASE("an answer that comes late holds up those behind it") {
  Scene scene;
  std::deque<Responder> waiting;
  scene.on_request = [&](const Request&, Responder respond) { waiting.push_back(std::move(respond)); };
  scene.send(get("/a") + get("/b"));
  CHECK(scene.asked.size() == 1);
  CHECK(scene.take().empty());
  waiting.front().send(json_response(200, "A"));
  CHECK(answers(scene.take()) == std::vector<std::string>{"200 A"});
  REQUIRE(scene.asked.size() == 2);
  CHECK_FALSE(waiting.front().waiting());
  waiting.front().send(json_response(200, "again"));  // a right is used up once
  CHECK(scene.take().empty());
  waiting.back().send(json_response(200, "B"));
  CHECK(answers(scene.take()) == std::vector<std::string>{"200 B"});
}

TEST_CASE("an answer to a connection that has gone goes nowhere") {
  Scene scene;
  Responder kept;
  scene.on_request = [&](const Request&, Responder respond) { kept = std::move(respond); };
  scene.send(get("/a"));
  CHECK(kept.waiting());
  SECTION("the peer closes") {
    scene.client().close();
    scene.loop().run_turns();
    CHECK(scene.connection().over());
  }
  SECTION("the server drops it") {
    scene.drop();
  }
  CHECK_FALSE(kept.waiting());
  kept.send(json_response(200, "late"));
}

TEST_CASE("a flood of requests behind one that waits stops being read") {
  Scene scene;
  Responder kept;
  scene.on_request = [&](const Request& request, Responder respond) {
    if (request.path == "/slow")
      kept = std::move(respond);
    else
      respond.send(json_response(200, "x"));
  };
  scene.send(get("/slow"));
  std::string flood;
  for (int i = 0; i < 10'000; ++i) flood += get("/f");
  scene.send(flood);
  CHECK(scene.server_side->paused());
  CHECK(scene.client().unsent() > 0);
  kept.send(json_response(200, "s"));
  CHECK(answers(scene.take()).size() == 10'001);
}

TEST_CASE("HEAD has the head of GET and no body") {
  Scene scene;
  scene.send("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string bytes = scene.take();
  CHECK(bytes.find("Content-Length: 2\r\n") != std::string::npos);
  CHECK(answers(bytes, true) == std::vector<std::string>{"200 "});
}

TEST_CASE("a client that asks to close is closed") {
  Scene scene;
  scene.send(get("/a", "Connection: close\r\n") + get("/b"));
  CHECK(answers(scene.take()) == std::vector<std::string>{"200 /a"});
  CHECK(scene.closed());
  CHECK(scene.asked.size() == 1);
}

TEST_CASE("a bad request is answered and ends the connection") {
  Scene scene;
  scene.send(get("/a") + "GET /b HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n" + get("/c"));
  const auto got = answers(scene.take());
  REQUIRE(got.size() == 2);
  CHECK(got[0] == "200 /a");
  CHECK(got[1].starts_with("400 {\"error\":\"bad_request\","));
  CHECK(scene.closed());
  CHECK(scene.asked.size() == 1);
}

TEST_CASE("who expects 100 Continue gets it before the answer") {
  Scene scene;
  scene.send("POST /p HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  CHECK(scene.take() == "HTTP/1.1 100 Continue\r\n\r\n");
  scene.send("body");
  CHECK(answers(scene.take()) == std::vector<std::string>{"200 /p"});
  CHECK(scene.asked.back() == "POST /p body");
}

TEST_CASE("who has sent the body already is not told to continue") {
  Scene scene({.split_reads = false});
  scene.send("POST /p HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody");
  CHECK(answers(scene.take()) == std::vector<std::string>{"200 /p"});
}

TEST_CASE("slow heads are given up") {
  Scene scene;
  SECTION("nothing comes at all") {
    scene.wait_seconds(9);
    CHECK_FALSE(scene.closed());
    scene.wait_seconds(2);
    CHECK(scene.take().empty());
    CHECK(scene.closed());
  }
  SECTION("a byte each second") {
    const std::string request = get("/slow");
    for (std::size_t i = 0; i < 12 && !scene.closed(); ++i) {
      scene.send(request.substr(i, 1));
      scene.wait_seconds(1);
    }
    CHECK(scene.closed());
    CHECK(answers(scene.take()).at(0).starts_with("408 "));
  }
  SECTION("a body that does not come") {
    scene.send("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab");
    scene.wait_seconds(29);
    CHECK_FALSE(scene.closed());
    scene.wait_seconds(2);
    CHECK(answers(scene.take()).at(0).starts_with("408 "));
  }
  CHECK(scene.asked.empty());
}

TEST_CASE("an idle connection is kept for a minute") {
  Scene scene;
  scene.send(get("/a"));
  scene.take();
  scene.wait_seconds(59);
  CHECK_FALSE(scene.closed());
  scene.send(get("/b"));
  CHECK(answers(scene.take()) == std::vector<std::string>{"200 /b"});
  scene.wait_seconds(61);
  CHECK(scene.take().empty());
  CHECK(scene.closed());
}

TEST_CASE("a peer that takes nothing of its answer is let go") {
  fakes::PipeOptions options;
  options.capacity = 1000;
  Scene scene(options);
  scene.on_request = [](const Request&, const Responder& respond) {
    respond.send(json_response(200, std::string(100'000, 'x')));
  };
  scene.client().pause();
  scene.send(get("/big"));
  scene.wait_seconds(59);
  CHECK_FALSE(scene.server_side->closing());
  scene.wait_seconds(2);
  CHECK(scene.server_side->closing());
}

TEST_CASE("a peer that takes its answer byte by byte is let go in the end") {
  fakes::PipeOptions options;
  options.capacity = 1000;
  Scene scene(options);
  scene.on_request = [](const Request&, const Responder& respond) {
    respond.send(json_response(200, std::string(100'000, 'x')));
  };
  scene.client().pause();
  scene.send(get("/big"));
  // A few bytes every half a minute: never a minute without one.
  int seconds = 0;
  for (std::size_t room = 1010; !scene.server_side->closing() && seconds < 1000; room += 10) {
    scene.server_side->set_capacity(room);
    scene.wait_seconds(30);
    seconds += 30;
  }
  CHECK(seconds >= 150);
  CHECK(seconds <= 210);
}

TEST_CASE("a peer that does not take its answers is not read") {
  fakes::PipeOptions options;
  options.capacity = 4000;
  Scene scene(options);
  scene.on_request = [](const Request&, const Responder& respond) {
    respond.send(json_response(200, std::string(5'000, 'x')));
  };
  scene.client().pause();
  std::string flood;
  for (int i = 0; i < 5'000; ++i) flood += get("/f");
  scene.send(flood);
  CHECK(scene.server_side->paused());
  CHECK(scene.asked.size() == 1);
  // Of the flood it took no more than it may hold and what was under way.
  CHECK(scene.client().unsent() > flood.size() - 64 * 1024);
  scene.client().resume();
  scene.loop().run_turns();
  CHECK(answers(scene.take()).size() == 5'000);
}

TEST_CASE("https is said to be for good") {
  Scene scene;
  scene.send(get("/a"));
  CHECK(scene.take().find("Strict-Transport-Security") == std::string::npos);
  scene.send(get("/a", "X-Test: https\r\n"));
  CHECK(scene.take().find("\r\nStrict-Transport-Security: max-age=31536000\r\n") != std::string::npos);
}

TEST_CASE("large answers arrive whole through a narrow pipe") {
  static const std::string file(300'000, 'f');
  fakes::PipeOptions options;
  options.capacity = 777;
  options.split_writes = true;
  Scene scene(options);
  scene.on_request = [](const Request& request, const Responder& respond) {
    Response response =
        json_response(200, request.path == "/own" ? std::string(200'000, 'o') : std::string());
    if (request.path == "/fixed") response.fixed_body = file;
    respond.send(std::move(response));
  };
  scene.send(get("/own") + get("/fixed"));
  const auto got = answers(scene.take());
  REQUIRE(got.size() == 2);
  CHECK(got[0] == "200 " + std::string(200'000, 'o'));
  CHECK(got[1] == "200 " + file);
}

namespace {
struct Body final : StreamBody {
  Body(net::Stream& to, std::string_view head, bool& has_closed) : stream(to), closed_flag(has_closed) {
    stream.write({&head, 1});
  }
  void drained() override {}
  void closed() override { closed_flag = true; }
  net::Stream& stream;
  bool& closed_flag;
};
}  // namespace

TEST_CASE("a stream goes on until one of them ends") {
  Scene scene;
  bool closed = false, was_chunked = false;
  Body* body = nullptr;
  scene.on_request = [&](const Request&, const Responder& respond) {
    respond.stream(empty_response(200), [&](net::Stream& stream, std::string_view head, bool chunked) {
      was_chunked = chunked;
      auto made = std::make_unique<Body>(stream, head, closed);
      body = made.get();
      return made;
    });
  };
  SECTION("HTTP/1.1 is chunked") {
    scene.send(get("/s") + get("/never"));
    CHECK(was_chunked);
    const std::string head = scene.take();
    CHECK(head.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
    CHECK(scene.asked.size() == 1);
    scene.wait_seconds(1000);
    CHECK_FALSE(scene.closed());
    const std::string_view bytes = "1\r\nx\r\n";
    body->stream.write({&bytes, 1});
    CHECK(scene.take() == bytes);
    SECTION("the peer goes") {
      scene.client().close();
      scene.loop().run_turns();
      CHECK(closed);
      CHECK(scene.connection().over());
    }
    SECTION("the server ends it") {
      body->stream.close();
      scene.loop().run_turns();
      CHECK(scene.closed());
      CHECK(scene.connection().over());
    }
  }
  SECTION("HTTP/1.0 lasts until the close") {
    scene.send("GET /s HTTP/1.0\r\nHost: h\r\n\r\n");
    CHECK_FALSE(was_chunked);
    const std::string head = scene.take();
    CHECK(head.find("Transfer-Encoding") == std::string::npos);
    CHECK(head.find("Content-Length") == std::string::npos);
  }
  SECTION("HEAD has no stream") {
    scene.send("HEAD /s HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(body == nullptr);
    CHECK(scene.take().starts_with("HTTP/1.1 200 OK\r\n"));
  }
}

TEST_CASE("shutting ends an idle connection at once and a busy one behind its answer") {
  Scene scene;
  Responder kept;
  scene.on_request = [&](const Request&, Responder respond) { kept = std::move(respond); };
  SECTION("idle") {
    scene.connection().shut();
    scene.loop().run_turns();
    CHECK(scene.closed());
  }
  SECTION("busy") {
    scene.send(get("/a"));
    scene.connection().shut();
    scene.loop().run_turns();
    CHECK_FALSE(scene.closed());
    kept.send(json_response(200, "A"));
    CHECK(answers(scene.take()) == std::vector<std::string>{"200 A"});
    CHECK(scene.closed());
  }
}
