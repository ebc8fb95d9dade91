// HTTP: how much one question may ask for, and how far it is looked for.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "tests/dialogue/attached.h"
#include "tests/dialogue/gateway_web.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::Browser;
using halley::dialogue::Reply;
using halley::dialogue::Web;
using nlohmann::json;

namespace {

struct WebBench : Attached {
  // Said in #c, all taken by the network's reader.
  void talk(int lines, std::string_view nick = "bob") {
    for (int i = 0; i < lines; ++i) {
      server->say(fmt::format(":{0}!{0}@h PRIVMSG #c :needle {1}", nick, i));
      if (i % 200 == 199) server->ping();
    }
    server->ping();
    scene.drain();
  }
  json ask(std::string_view target) {
    const Reply reply = web.get(target, headers);
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    return reply.json();
  }
  int status(std::string_view target) { return web.get(target, headers).status; }

  Web web{scene};
  std::string headers = web.login("ann");
};

}  // namespace

TEST_CASE("web: a page of history has a thousand lines, and one of found lines two hundred") {
  WebBench t;
  t.talk(1, "carl");
  t.talk(1'100);
  const json history = t.ask("/api/history?network=net&target=%23c&limit=5000");
  CHECK(history["lines"].size() == 1'000);
  CHECK(history["more"] == true);
  const json found = t.ask("/api/search?q=needle&limit=5000");
  CHECK(found["lines"].size() == 200);
  CHECK(found["more"] == true);
  CHECK(t.ask("/api/search?q=needle&from=carl")["lines"].size() == 1);
  t.talk(600);
  const json late = t.ask("/api/search?q=needle&from=carl");
  CHECK(late["lines"].size() == 1);
  CHECK(late["more"] == false);
}

TEST_CASE("web: a search before a day finds what came late, and nothing newer on any page") {
  WebBench t;
  auto& user = t.scene.user("ann");
  auto& network = *user.find_network("net");
  t.talk(1);
  for (const char* text : {"needle a", "needle b"}) {
    const std::string line = fmt::format(":bob!b@h PRIVMSG #c :{}", text);
    const halley::BufferId buffer = network.buffers().find("#c");
    user.log(network, {.kind = halley::EventKind::kPrivmsg,
                       .time_ms = user.wall_ms() - 86'400'000,
                       .past = true,
                       .text_at = static_cast<std::uint16_t>(line.size() - 8),
                       .buffers = {&buffer, 1},
                       .line = line});
    t.talk(1, "carl");
  }
  const json first = t.ask("/api/search?q=needle&limit=1&before=2023-11-14");
  REQUIRE(first["lines"].size() == 1);
  CHECK(first["lines"][0]["line"].get<std::string>().ends_with("needle b"));
  REQUIRE(first["more"] == true);
  const json second = t.ask("/api/search?q=needle&before=" + first["before"].get<std::string>());
  REQUIRE(second["lines"].size() == 1);
  CHECK(second["lines"][0]["line"].get<std::string>().ends_with("needle a"));
  CHECK(t.ask("/api/search?q=needle&after=2023-11-14")["lines"].size() == 3);
  CHECK(t.status("/api/search?q=needle&before=1@x") == 400);
}

TEST_CASE("web: GET /api/me names four thousand buffers, those that are in use first") {
  WebBench t;
  auto& buffers = t.scene.user("ann").find_network("net")->buffers();
  t.scene.add_network("ann", "other");
  CHECK_FALSE(t.ask("/api/me")["networks"][0].contains("more"));
  for (int i = 0; i < 2'100; ++i) buffers.make(fmt::format("nick{:04}", i));
  const json me = t.ask("/api/me")["networks"][0];
  CHECK(me["more"] == true);
  REQUIRE(me["buffers"].size() == 2'000);
  CHECK(me["buffers"][0]["name"] == "#c");
  CHECK(me["buffers"][1]["name"] == "nick0101");
  CHECK(me["buffers"][1'999]["name"] == "nick2099");
}

TEST_CASE("web: however many streams of a user are not read, their own answers are bounded together") {
  WebBench t;
  t.scene.config.limits.client_queue = 256 * 1024;
  t.scene.config.limits.clients_per_user = 100;
  std::vector<Browser> unread;
  for (int i = 0; i < 40; ++i) {
    unread.push_back(t.web.stream("/api/events", t.headers));
    unread.back().until("ready");
    unread.back().peer().pause();
  }
  for (int i = 0; i < 2'000; ++i) t.server->say(fmt::format(":srv 371 ann :{}", std::string(400, 'x')));
  t.scene.advance(30'000);
  const std::string metrics = t.web.metrics();
  const std::size_t at = metrics.find("\nhalley_http_stream_queue_bytes ");
  REQUIRE(at != std::string::npos);
  CHECK(std::stoul(metrics.substr(at + 32)) < 17 * 256 * 1024);
}

TEST_CASE("web: what is asked by name has a length") {
  WebBench t;
  const std::string long_one = R"({"username":"ann","password":")" + std::string(70'000, 'p') + R"("})";
  CHECK(t.web.post("/api/login", long_one, {}).status == 413);
  const std::string q(500, 'q'), client(64, 'c'), user(256, 'u');
  CHECK(t.status("/api/search?q=" + q) == 200);
  CHECK(t.status("/api/search?q=q" + q) == 400);
  CHECK(t.status("/api/events?transport=poll&client=" + client) == 200);
  CHECK(t.status("/api/events?transport=poll&client=c" + client) == 400);
  CHECK(t.web.command(t.headers, client, 1, "PING x").status == 200);
  CHECK(t.web.command(t.headers, "c" + client, 1, "PING x").status == 400);
  const auto login = [&](const std::string& name) {
    return t.web.post("/api/login", json{{"username", name}, {"password", "wrong"}}.dump(), {}).status;
  };
  CHECK(login(user) == 401);
  CHECK(login("u" + user) == 400);
  const auto enter = [&](const std::string& code, const std::string& name) {
    const json body{{"code", code}, {"username", name}, {"password", "six or more"}};
    CHECK(t.web.post("/api/reset", body.dump(), {}).status == (code.size() > 256 ? 400 : 403));
    return t.web.post("/api/register", body.dump(), {}).status;
  };
  CHECK(enter(user, user) == 403);
  CHECK(enter("u" + user, user) == 400);
  CHECK(enter(user, "u" + user) == 400);
}

TEST_CASE("web: a poll that rests keeps 64 KiB; with more the next one reads the log") {
  WebBench t;
  const auto poll = [&](const std::string& after) {
    return t.web.get("/api/events?transport=poll&client=c" + after, t.headers).json();
  };
  std::string cursor = poll({}).back()["id"];
  t.bob("a little");
  t.server->ping();
  t.scene.advance(1'000);
  CHECK(t.scene.user("ann").clients().size() == 1);
  for (int i = 0; i < 200; ++i) t.bob(fmt::format("much {} {}", i, std::string(300, '.')));
  t.server->ping();
  t.scene.advance(1'000);
  CHECK(t.scene.user("ann").clients().empty());
  int heard = 0;
  for (int polls = 0; polls < 20 && heard < 201; ++polls) {
    for (const json& frame : poll("&after=" + cursor)) {
      if (!frame.contains("prev")) continue;
      cursor = frame["id"];
      ++heard;
    }
  }
  CHECK(heard == 201);
}

TEST_CASE("web: answers that a user does not take are bounded") {
  WebBench t;
  t.scene.config.limits.connections = 200;
  Actor client = t.scene.attach("ann/net");
  t.server->close();
  client.expect("Connection lost");
  const std::string long_word(400, '\x02');  // six bytes each in JSON
  for (int i = 0; i < 400; ++i) client.say(fmt::format("PRIVMSG #c :{} {}", i, long_word));
  client.ping();
  const std::size_t size = t.web.get("/api/outbox", t.headers).body.size();
  REQUIRE(size > 900'000);
  halley::fakes::PipeOptions narrow;
  narrow.capacity = 4'000;
  const std::size_t room = (std::size_t{16} << 20) / size;
  std::vector<Browser> unread;
  for (std::size_t i = 0; i < room; ++i) {
    unread.push_back(t.web.connect(narrow));
    unread.back().peer().pause();
    unread.back().send(Web::format("GET", "/api/outbox", t.headers));
    t.scene.drain();
  }
  const Reply refused = t.web.get("/api/outbox", t.headers);
  CHECK(refused.status == 429);
  CHECK(refused.json()["error"] == "unread_answers");
  CHECK(!refused.header("Retry-After").empty());
  // Who asks for a change is heard, and so are others.
  CHECK(t.web.post("/api/account", R"({"command":"version"})", t.headers).status != 429);
  t.scene.add_user("ben");
  CHECK(t.web.get("/api/outbox", t.web.login("ben")).status == 200);
  // Read, it is room again; so it is when the reader goes.
  unread.front().peer().resume();
  CHECK(unread.front().reply().body.size() == size);
  CHECK(t.web.get("/api/outbox", t.headers).status == 200);
}
