// The way of an own line: what waits, what a lost link and a crash leave open, and the bounds.
#include "tests/dialogue/gateway_web.h"
#include "tests/dialogue/own_lines.h"
#include "tests/fakes/core/cost_probe.h"

using halley::dialogue::Actor;
using halley::dialogue::count;
using halley::dialogue::kEcho;
using halley::dialogue::Talk;
using halley::dialogue::Texts;
using halley::dialogue::Web;

TEST_CASE("what is said while the network is away waits, and goes out once and in order, behind the join") {
  Talk t(GENERATE(as<std::string>{}, "", std::string(kEcho)), GENERATE(1U, 2U));
  const bool echoes = !t.offered.empty();
  Actor one = t.scene.attach("ann/net@one"), two = t.scene.attach("ann/net@two");
  t.server->close();
  one.expect("Connection lost");
  one.say("PRIVMSG #c :first");
  one.expect("waits until it is");
  one.say("PRIVMSG bob :hello bob");
  one.say("PRIVMSG #c :second");
  one.ping();
  two.ping();
  CHECK(t.waiting() == Texts{"waiting first", "waiting hello bob", "waiting second"});
  CHECK(t.rows("first").empty());
  if (GENERATE(false, true)) {
    t.scene.restart();
    CHECK(t.waiting() == Texts{"waiting first", "waiting hello bob", "waiting second"});
    t.connect();
  } else {
    t.reconnect();
  }
  CHECK(t.heard_of("PRIVMSG bob :hello bob") == 1);
  CHECK(t.heard_of("PRIVMSG #c") == 0);
  Actor three = t.scene.attach("ann/net@three");
  three.say("PRIVMSG #c :third");  // behind what waits
  three.ping();
  t.join();
  three.say("PRIVMSG #c :fourth");
  auto lines = t.heard;
  for (const std::string& line : t.server->until("fourth")) lines.push_back(line);
  CHECK(count(lines, "PRIVMSG #c :") == 4);
  CHECK(count(lines, "second") == 1);
  const auto at = [&](std::string_view part) {
    return std::ranges::find_if(lines, [&](const std::string& line) { return line.contains(part); });
  };
  CHECK(at("first") < at("second"));
  CHECK(at("second") < at("third"));
  for (const char* text : {"first", "second", "third", "fourth"}) {
    if (echoes) t.echo(fmt::format("PRIVMSG #c :{}", text), fmt::format("msgid={}", text));
  }
  if (echoes) t.echo("PRIVMSG bob :hello bob", "msgid=b");
  t.server->ping();
  CHECK(t.said("#c :") == Texts{"first", "second", "third", "fourth"});
  CHECK(t.waiting().empty());
  t.server->close();
  t.scene.loop.run_turns();
  t.reconnect();
  CHECK(t.heard_of("hello bob") == 0);
  t.join();
  CHECK(t.heard_of("first") == 0);
}

TEST_CASE("what the lost link left open waits, and goes out once more, no oftener") {
  Talk t(kEcho);
  Actor one = t.scene.attach("ann/net@one");
  one.say("PRIVMSG #c :open");
  t.takes("open");
  t.server->close();
  one.expect("Connection lost");
  CHECK(t.waiting() == Texts{"waiting open"});
  t.reconnect();
  CHECK(t.heard_of("open") == 0);
  t.join();
  CHECK(t.heard_of("PRIVMSG #c :open") == 1);
  SECTION("it is confirmed") {
    t.echo("PRIVMSG #c :open");
    t.server->ping();
    CHECK(t.said("open") == Texts{"open"});
    CHECK(t.waiting().empty());
  }
  SECTION("that link is lost too: nobody knows") {
    t.server->close();
    one.expect("Nobody knows whether #c heard this");
    CHECK(t.waiting() == Texts{"unknown open"});
    t.reconnect();
    t.join();
    CHECK(t.heard_of("open") == 0);
    CHECK(t.said("open").empty());
    SECTION("it is said again by hand") {
      REQUIRE(t.outbox().send_again(t.outbox().list()[0].id));
      t.takes("PRIVMSG #c :open");
    }
    SECTION("or forgotten") {
      REQUIRE(t.outbox().cancel(t.outbox().list()[0].id));
      CHECK(t.waiting().empty());
    }
  }
}

TEST_CASE("without echoes, what a dead link never took is not said: it waits") {
  Talk t("");
  Actor one = t.scene.attach("ann/net@one"), two = t.scene.attach("ann/net@two");
  one.say("PRIVMSG #c :heard");
  t.takes("heard");
  t.server->ping();
  t.server->peer().pause();  // the cable is cut
  one.say("PRIVMSG #c :unheard");
  two.expect("unheard");
  Texts told;
  for (int i = 0; i < 4; ++i) {
    t.scene.advance(50'000);
    one.ping();
    for (const std::string& line : two.ping()) told.push_back(line);
  }
  CHECK(count(told, "it waits (/msg *halley outbox): unheard") == 1);
  CHECK(t.waiting() == Texts{"waiting unheard"});
  t.scene.loop.run_turns();
  CHECK(t.said("unheard").empty());
  CHECK(t.said("heard") == Texts{"heard"});
  t.reconnect();
  t.join();
  CHECK(t.heard_of("PRIVMSG #c :unheard") == 1);
  CHECK(t.heard_of("heard") == 1);
  two.expect("PRIVMSG #c :unheard");
  CHECK(t.said("unheard").size() == 1);
}

TEST_CASE("what a crash left open is said to be unknown, and not sent again") {
  Talk t(kEcho);
  Actor one = t.scene.attach("ann/net@one");
  one.say("PRIVMSG #c :open");
  t.takes("open");
  t.scene.restart();
  CHECK(t.waiting() == Texts{"unknown open"});
  CHECK(t.rows("nobody knows whether it was heard").size() == 1);
  t.connect();
  t.join();
  CHECK(t.heard_of("open") == 0);
  CHECK(t.said("open").empty());
  t.scene.restart();
  CHECK(t.waiting() == Texts{"unknown open"});
}

TEST_CASE("what a crash left open was said when the network's history has it") {
  Talk t("echo-message message-tags server-time batch");
  Actor one = t.scene.attach("ann/net@one");
  one.say("PRIVMSG #c :\x02open\x02 words");
  t.takes("open");
  t.scene.restart();
  t.connect();
  t.join();
  t.server->say(":srv BATCH +h chathistory #c");
  t.echo("PRIVMSG #c :earlier", "batch=h;msgid=h1;time=2023-11-14T22:13:20.000Z");
  CHECK(t.waiting() == Texts{"unknown \x02open\x02 words"});
  t.echo("PRIVMSG #c :open words", "batch=h;msgid=h2;time=2023-11-14T22:13:20.000Z");
  t.server->say(":srv BATCH -h");
  REQUIRE(t.scene.turn_until([&] { return t.waiting().empty(); }));
  CHECK(t.said("open words").size() == 1);
  CHECK(t.rows("open words")[0].msgid == "h2");
}

TEST_CASE("without echoes a restart leaves what was sent as said") {
  Talk t("");
  Actor one = t.scene.attach("ann/net@one");
  one.say("PRIVMSG #c :sent");
  t.takes("sent");
  t.scene.restart();
  CHECK(t.waiting().empty());
  CHECK(t.outbox().size() == 0);
  CHECK(t.said("sent") == Texts{"sent"});
}

TEST_CASE("a link that is left in order has heard what was said on it") {
  Talk t(kEcho);
  Actor one = t.scene.attach("ann/net@one");
  one.say("PRIVMSG #c :last words");
  t.takes("last words");
  REQUIRE(t.scene.accounts().set_network("ann", "net", [] {
    halley::Accounts::NetworkDraft draft;
    draft.enabled = false;
    return draft;
  }()));
  t.scene.accounts().flush(nullptr);
  t.server->expect("QUIT");
  CHECK(t.waiting().empty());
  CHECK(t.said("last words").size() == 1);
  one.say("PRIVMSG #c :nobody there");
  one.expect("nothing was sent");
  CHECK(t.waiting().empty());
}

TEST_CASE("passwords never wait, nor reach the disk") {
  Talk t(kEcho);
  Actor one = t.scene.attach("ann/net@one");
  one.say("PRIVMSG NickServ :IDENTIFY hunter2");
  t.takes("IDENTIFY hunter2");
  CHECK(t.waiting().empty());
  t.server->close();
  one.expect("Nobody knows whether NickServ heard this");
  CHECK(t.rows("hunter2").empty());
  one.say("PRIVMSG NickServ :IDENTIFY hunter2");
  one.expect("nothing was sent");
  CHECK(t.outbox().size() == 0);
}

TEST_CASE("what waits is bounded, and refused beyond in a sentence") {
  Talk t("");
  Actor one = t.scene.attach("ann/net@one");
  t.server->close();
  one.expect("Connection lost");
  for (std::size_t i = 0; i < halley::Outbox::kMostWaitingLines + 5; ++i)
    one.say(fmt::format("PRIVMSG bob :line {}", i));
  const auto lines = one.ping();
  CHECK(count(lines, "nothing was sent; see /msg *halley outbox") == 5);
  CHECK(t.outbox().list().size() == halley::Outbox::kMostWaitingLines);
}

TEST_CASE("what waits over all networks of a user is bounded") {
  Talk t("");
  Actor one = t.scene.attach("ann/net@one");
  constexpr std::size_t kFull = halley::Outbox::kMostLinesOfUser / halley::Outbox::kMostWaitingLines;
  for (std::size_t n = 0; n < kFull; ++n) {
    t.scene.add_network("ann", fmt::format("away{}", n));
    Actor there = t.scene.attach(fmt::format("ann/away{}@one", n));
    for (std::size_t i = 0; i < halley::Outbox::kMostWaitingLines; ++i)
      there.say(fmt::format("PRIVMSG bob :line {}", i));
    CHECK(count(there.ping(), "nothing was sent") == 0);
  }
  t.server->close();
  one.expect("Connection lost");
  one.say("PRIVMSG bob :one more");
  one.expect("nothing was sent; see /msg *halley outbox");
  CHECK(t.outbox().list().empty());
}

TEST_CASE("bytes that wait for a network are bounded") {
  Talk t("message-tags");
  Actor one = t.scene.attach("ann/net@one", "message-tags");
  t.server->close();
  one.expect("Connection lost");
  const std::string tag(3'900, 'x');
  for (std::size_t i = 0; i < 300; ++i) one.say(fmt::format("@+x={} PRIVMSG bob :line {}", tag, i));
  const auto lines = one.ping();
  const std::size_t refused = count(lines, "nothing was sent; see /msg *halley outbox");
  const std::size_t taken = t.outbox().list().size();
  CHECK(taken + refused == 300);
  CHECK(taken * tag.size() <= halley::Outbox::kMostWaitingBytes);
  CHECK((taken + 1) * (tag.size() + 20) > halley::Outbox::kMostWaitingBytes);
}

TEST_CASE("a flood into a network that echoes late keeps its client waiting, and loses nothing") {
  Talk t(kEcho);
  Actor one = t.scene.attach("ann/net@one", "echo-message");
  constexpr int kLines = static_cast<int>(halley::Outbox::kMostInFlight) + 700;
  for (int i = 0; i < kLines; ++i) one.say(fmt::format("PRIVMSG #c :line {}", i));
  int taken = 0;
  while (taken < kLines) {
    t.scene.loop.run_turns();
    std::vector<std::string> lines = t.server->ping();
    CHECK(t.outbox().size() <= halley::Outbox::kMostInFlight + 64);
    const int before = taken;
    for (const std::string& line : lines) {
      if (!line.contains("PRIVMSG #c :line ")) continue;
      CHECK(line.ends_with(fmt::format(":line {}", taken)));
      t.echo(fmt::format("PRIVMSG #c :line {}", taken), fmt::format("msgid=f{}", taken));
      ++taken;
    }
    REQUIRE(taken > before);
  }
  one.expect(fmt::format(":line {}", kLines - 1));
  CHECK(t.outbox().size() == 0);
}

TEST_CASE("behind the pace lines are said when they leave, and may be cancelled until then") {
  Talk t("");
  t.scene.config.upstream.rate = 1;
  t.scene.config.upstream.burst = 1;
  Actor one = t.scene.attach("ann/net@one"), two = t.scene.attach("ann/net@two");
  t.scene.advance(5'000);
  for (int i = 0; i < 4; ++i) one.say(fmt::format("PRIVMSG #c :line {}", i));
  one.ping();
  two.expect("line 0");
  CHECK(t.waiting() == Texts{"sending line 1", "sending line 2", "sending line 3"});
  REQUIRE(t.outbox().cancel(t.outbox().list()[1].id));
  t.scene.advance(1'100);
  two.expect("line 1");
  t.scene.advance(1'100);
  two.expect("line 3");
  CHECK(t.said("line 2").empty());
  SECTION("what the link never got goes to the next one") {
    for (int i = 4; i < 7; ++i) one.say(fmt::format("PRIVMSG #c :line {}", i));
    one.ping();
    t.server->close();
    one.expect("Connection lost");
    CHECK(t.waiting() == Texts{"waiting line 4", "waiting line 5", "waiting line 6"});
  }
}

TEST_CASE("in band and over HTTP the outbox is listed and cancelled") {
  Talk t(kEcho);
  Web web(t.scene);
  const std::string headers = web.login("ann");
  t.server->close();
  t.scene.loop.run_turns();
  // The page keeps what it sent in grey until it comes back: accepted is done.
  CHECK(web.command(headers, "tab", 1, "PRIVMSG #c :one").json()["result"] == "");
  CHECK(web.command(headers, "tab", 2, "NOTICE bob :two").json()["result"] == "");
  const auto lines = web.get("/api/outbox", headers).json()["lines"];
  REQUIRE(lines.size() == 2);
  CHECK(lines[0]["state"] == "waiting");
  CHECK(lines[0]["network"] == "net");
  CHECK(lines[1]["command"] == "NOTICE");
  CHECK(lines[1]["target"] == "bob");
  CHECK(lines[1]["text"] == "two");
  const auto id = lines[0]["id"].get<std::uint64_t>();
  CHECK(web.post("/api/outbox", fmt::format(R"({{"id":{},"do":"send"}})", id), headers).status == 409);
  CHECK(web.post("/api/outbox", fmt::format(R"({{"id":{},"do":"cancel"}})", id), headers).status == 204);
  CHECK(web.post("/api/outbox", fmt::format(R"({{"id":{},"do":"cancel"}})", id), headers).status == 404);
  CHECK(web.post("/api/outbox", R"({"id":1})", headers).status == 400);
  CHECK(web.get("/api/outbox", headers).json()["lines"].size() == 1);
  CHECK(t.waiting() == Texts{"waiting two"});
}

TEST_CASE("what waits for a channel is not looked at again for each line of the network") {
  Talk t("");
  Actor client = t.scene.attach("ann/net@one");
  t.server->close();
  client.expect("Connection lost");
  for (int i = 0; i < 300; ++i) client.say(fmt::format("PRIVMSG #c :line {}", i));
  client.ping();
  REQUIRE(t.waiting().size() == 300);
  t.reconnect();
  const std::uint64_t before = halley::CostProbe::looked_at(t.outbox());
  for (int i = 0; i < 200; ++i) {
    t.server->say(":ann!ann@host.test JOIN #d");
    t.server->say(":ann!ann@host.test PART #d");
    client.say(fmt::format("WHOIS nick{}", i));
  }
  t.server->ping();
  CHECK(halley::CostProbe::looked_at(t.outbox()) - before <= 3 * 300);
  CHECK(t.waiting().size() == 300);
  t.join();
  CHECK(t.heard_of("PRIVMSG #c") > 0);
}
