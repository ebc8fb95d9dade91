#include <catch2/catch.hpp>
#include <memory>
#include <optional>

#include "bouncer/net/https_post.h"
#include "tests/fakes/net/fake_clock.h"
#include "tests/fakes/net/fake_dialer.h"
#include "tests/fakes/net/fake_loop.h"

namespace halley::net {
namespace {

// One POST to push.example/abc, its server, and what came of it.
struct Bench {
  explicit Bench(std::uint16_t port = 443) {
    post = std::make_unique<HttpsPost>(loop, dialer,
                                       HttpsRequest{.host = "push.example",
                                                    .port = port,
                                                    .target = "/abc?d",
                                                    .headers = "TTL: 5\r\n",
                                                    .body = "body",
                                                    .allow_private_hosts = false,
                                                    .timeout_ms = 20'000},
                                       [this](auto answer) {
                                         result = std::move(answer);
                                         post.reset();
                                       });
  }
  void accept() {
    server = dialer.accept_last();
    loop.run_turns();
  }
  void answer(std::string_view text) {
    accept();
    server->send(text);
    loop.run_turns();
  }

  fakes::FakeClock clock;
  fakes::FakeLoop loop{clock};
  fakes::FakeDialer dialer{loop};
  std::unique_ptr<HttpsPost> post;
  std::unique_ptr<fakes::FakePeer> server;
  std::optional<std::expected<HttpsAnswer, std::string>> result;
};

}  // namespace

TEST_CASE("a POST says all that it has, over TLS, and hears the status") {
  Bench bench;
  CHECK(bench.dialer.last_target().host == "push.example");
  CHECK(bench.dialer.last_target().port == 443);
  CHECK(bench.dialer.last_target().tls);
  CHECK_FALSE(bench.dialer.last_target().allow_private_hosts);
  bench.answer(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nLocation: /m/1\r\nContent-Length: 0\r\n\r\n");
  CHECK(bench.server->received() ==
        "POST /abc?d HTTP/1.1\r\nHost: push.example\r\nTTL: 5\r\nContent-Length: 4\r\nConnection: "
        "close\r\n\r\nbody");
  REQUIRE(bench.result.has_value());
  REQUIRE(bench.result->has_value());
  CHECK((*bench.result)->status == 201);
  CHECK((*bench.result)->retry_after_s == 0);
}

TEST_CASE("a port of its own is part of the Host, and Retry-After is heard") {
  Bench bench(8443);
  bench.answer("HTTP/1.1 429 Too Many Requests\r\nretry-after: 120\r\nContent-Length: 3\r\n\r\nno.");
  CHECK(bench.server->received().find("\r\nHost: push.example:8443\r\n") != std::string::npos);
  REQUIRE(bench.result.has_value());
  CHECK((*bench.result)->status == 429);
  CHECK((*bench.result)->retry_after_s == 120);
}

TEST_CASE("a redirect is an answer, and is not followed") {
  Bench bench;
  bench.answer(
      "HTTP/1.1 307 Temporary Redirect\r\nLocation: https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n");
  REQUIRE(bench.result.has_value());
  CHECK((*bench.result)->status == 307);
  CHECK(bench.dialer.count() == 1);
}

TEST_CASE("what is no answer is an error: no connection, no HTTP, an end, a head without one, silence") {
  Bench bench;
  SECTION("no connection") {
    bench.dialer.refuse_last("cannot find push.example");
    bench.loop.run_turns();
    REQUIRE(bench.result.has_value());
    CHECK(bench.result->error() == "cannot find push.example");
  }
  SECTION("no HTTP") {
    bench.answer("220 mail.example ESMTP\r\n");
    REQUIRE(bench.result.has_value());
    CHECK(bench.result->error().find("no HTTP") != std::string::npos);
  }
  SECTION("an end") {
    bench.accept();
    bench.server->close();
    bench.loop.run_turns();
    REQUIRE(bench.result.has_value());
    CHECK(bench.result->error().find("hung up") != std::string::npos);
  }
  SECTION("a head without an end") {
    bench.answer("HTTP/1.1 201 Created\r\n");
    for (int i = 0; i < 20 && !bench.result; ++i) {
      bench.server->send("X-Long: " + std::string(1000, 'x') + "\r\n");
      bench.loop.run_turns();
    }
    REQUIRE(bench.result.has_value());
    CHECK(bench.result->error().find("too long") != std::string::npos);
  }
  SECTION("silence") {
    bench.accept();
    bench.loop.advance(20'000);
    REQUIRE(bench.result.has_value());
    CHECK(bench.result->error() == "no answer within 20 s");
  }
}

TEST_CASE("a POST that is let go of says nothing more") {
  Bench bench;
  bench.post.reset();
  CHECK(bench.dialer.cancelled(0));
  bench.loop.advance(60'000);
  CHECK_FALSE(bench.result.has_value());
}

}  // namespace halley::net
